#include "base/error.hpp"

#include <utility>

namespace trialmill::base {

std::string Place::text() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line);
  if (line > 0 && column > 0) out += ":" + std::to_string(column);
  return out;
}

Error::Error(std::string code, std::string message, Place place, std::string hint, ErrorKind kind)
    : code_(std::move(code)),
      message_(std::move(message)),
      place_(std::move(place)),
      hint_(std::move(hint)),
      kind_(kind) {
  text_ = code_;
  const std::string where = place_.text();
  if (!where.empty()) text_ += " " + where;
  text_ += ": " + message_;
  if (!hint_.empty()) text_ += "\n  hint: " + hint_;
}

Error usage_error(std::string code, std::string message, Place place, std::string hint) {
  return Error(std::move(code), std::move(message), std::move(place), std::move(hint), ErrorKind::usage);
}

Error several(std::vector<Error> all) {
  Error first = all.front();
  if (all.size() < 2) return first;
  first.all_ = std::move(all);
  first.text_ += "\n  and " + std::to_string(first.all_.size() - 1) + " more";
  return first;
}

}  // namespace trialmill::base
