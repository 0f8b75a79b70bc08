// trialmill: parse, dispatch, exit code.
#include "cli/cli.hpp"
#include "table/session.hpp"

int main(int argc, char** argv) {
  trialmill::table::leave_databases();
  return trialmill::cli::run(argc, argv);
}
