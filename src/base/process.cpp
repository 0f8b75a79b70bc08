#include "base/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "base/error.hpp"
#include "base/stop.hpp"

namespace trialmill::base {
namespace {

using Clock = std::chrono::steady_clock;

class SpawnSettings {
 public:
  explicit SpawnSettings(const ProcessOptions& options) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, options.log.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    if (!options.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
    posix_spawnattr_init(&attributes);
    // A group of its own, so that what it starts can be ended with it; signals as a new program expects them.
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

/// Our environment with what is added; later entries win.
std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string text = *one, name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [key, value] : added) replaced = replaced || key == name;
    if (!replaced) all.push_back(text);
  }
  for (const auto& [key, value] : added) all.push_back(key + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// First politely, then for good; waits until the program is gone.
void end_group(pid_t process) {
  kill(-process, SIGTERM);
  for (int i = 0; i < 40; ++i) {
    if (waitpid(process, nullptr, WNOHANG) == process) {
      kill(-process, SIGKILL);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  kill(-process, SIGKILL);
  waitpid(process, nullptr, 0);
}

}  // namespace

ProcessResult run_process(const ProcessOptions& options) {
  ProcessResult result;
  auto arguments = options.arguments;
  auto environment = environment_with(options.environment);
  auto argument_list = pointers(arguments), environment_list = pointers(environment);
  const SpawnSettings settings(options);
  const auto began = Clock::now();
  pid_t process = 0;
  const int status = posix_spawnp(&process, argument_list[0], &settings.actions, &settings.attributes,
                                  argument_list.data(), environment_list.data());
  if (status == ENOENT || status == EACCES || status == ENOEXEC) {
    result.exit_code = 127;
    return result;
  }
  if (status != 0)
    throw Error("TM1011", "cannot start " + options.arguments[0] + ": " + std::strerror(status));
  for (auto pause = std::chrono::milliseconds(1);;
       pause = std::min(pause * 2, std::chrono::milliseconds(100))) {
    int state = 0;
    if (waitpid(process, &state, WNOHANG) == process) {
      result.exit_code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
      kill(-process, SIGKILL);  // what it left running
      break;
    }
    if (stop_requested()) {
      end_group(process);
      check_stop();
    }
    if (options.timeout.count() > 0 && Clock::now() - began > options.timeout) {
      result.timed_out = true;
      end_group(process);
      break;
    }
    std::this_thread::sleep_for(pause);
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return result;
}

}  // namespace trialmill::base
