// Tells people that a run paused or failed: a line in a file, a webhook, a mail file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "findings/finding.hpp"
#include "study/study.hpp"

namespace trialmill::workflow {

/// Sends to every alert of the study. What cannot be delivered becomes a finding (TM2820); nothing is thrown.
/// No mail server is contacted: a mail is written as RUN_FOLDER/alerts/N.eml for a mail system to pick up.
std::vector<findings::Finding> send_alerts(const study::Study& study, const std::string& run,
                                           const std::string& subject, const std::string& text,
                                           const std::filesystem::path& run_folder);

}  // namespace trialmill::workflow
