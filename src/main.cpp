// trialmill: parse, dispatch, exit code.
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  return trialmill::cli::run(argc, argv);
}
