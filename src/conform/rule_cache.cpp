#include "conform/rule_cache.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "conform/rule_text.hpp"
#include "standards/embedded.hpp"

namespace trialmill::conform {

namespace {

namespace fs = std::filesystem;
using simdjson::dom::array;
using simdjson::dom::element;

constexpr const char* format_name = "trialmill rule set";
constexpr int format_version = 1;  // raise it when the meaning of a line changes
constexpr const char* extension = ".rules";

base::Error damaged(const std::string& name, const std::string& what) {
  return base::usage_error("TM2404", what, {name}, "import the rules again: trialmill rules import DIR");
}

RuleNode node_of(const element& json) {
  const array parts = json.get_array();
  auto part = parts.begin();
  const auto kind = static_cast<RuleNode::Kind>(std::int64_t((*part).get_int64()));
  const auto line = static_cast<int>(std::int64_t((*++part).get_int64()));
  const auto column = static_cast<int>(std::int64_t((*++part).get_int64()));
  const std::size_t rest = parts.size() - 3;
  ++part;
  if (kind == RuleNode::Kind::plain || kind == RuleNode::Kind::quoted)
    return RuleNode(kind, line, column, std::string(std::string_view((*part).get_string())));
  RuleNode out(kind, line, column);
  out.reserve(kind == RuleNode::Kind::map ? rest / 2 : rest);
  for (; part != parts.end(); ++part) {
    if (kind == RuleNode::Kind::map) {
      std::string key(std::string_view((*part).get_string()));
      if (!(++part != parts.end())) break;
      out.add(std::move(key), node_of(*part));
    } else {
      out.add(node_of(*part));
    }
  }
  return out;
}

}  // namespace

std::string rule_lines(const std::vector<Rule>& rules) {
  std::string out;
  for (const Rule& rule : rules) out += rule_line(rule.source, *rule.tree);
  return out;
}

std::vector<Rule> rules_from_lines(std::string_view lines, const std::string& name) {
  std::vector<Rule> rules;
  simdjson::dom::parser parser;
  const simdjson::padded_string text(lines);
  try {
    simdjson::dom::document_stream stream = parser.parse_many(text, std::max<std::size_t>(text.size(), 1000));
    for (auto line : stream) {
      const element rule = std::move(line);
      rules.push_back(read_rule(std::make_shared<const RuleNode>(node_of(rule.at(1))),
                                std::string(std::string_view(rule.at(0).get_string()))));
    }
  } catch (const simdjson::simdjson_error& problem) {
    throw damaged(name, std::string("the rule set is damaged: ") + problem.what());
  }
  return rules;
}

std::vector<Rule> embedded_rules() {
  std::vector<Rule> rules;
  for (const auto& file : standards::embedded_rules())
    rules = rules_from_lines(file.text, "the built-in rules");
  std::sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; });
  return rules;
}

void write_rule_set(const fs::path& file, const RuleSet& set) {
  const std::string lines = rule_lines(set.rules);
  const base::Json head = {{"format", format_name},     {"version", format_version},
                           {"name", set.name},          {"folder", set.folder},
                           {"imported", set.imported},  {"program", set.program},
                           {"rules", set.rules.size()}, {"sha256", base::sha256_of(lines)}};
  base::write_file_atomically(file, base::dump_json(head, -1) + "\n" + lines);
}

bool is_rule_set(const fs::path& file) {
  std::error_code none;
  if (!fs::is_regular_file(file, none)) return false;
  const std::string start = base::read_file(file, 40);
  return start.rfind(std::string("{\"format\":\"") + format_name, 0) == 0;
}

RuleSet read_rule_set(const fs::path& file) {
  const std::string name = file.string();
  const std::string text = base::read_file(file);
  const std::size_t end = text.find('\n');
  if (!is_rule_set(file) || end == std::string::npos) throw damaged(name, "the file is not a rule set");
  RuleSet set;
  const base::Json head = base::parse_json(std::string_view(text).substr(0, end), name);
  const std::string_view lines = std::string_view(text).substr(end + 1);
  set.name = head.value("name", "");
  set.folder = head.value("folder", "");
  set.imported = head.value("imported", "");
  set.program = head.value("program", "");
  if (head.value("version", 0) != format_version || set.program != base::program_version) {
    throw base::usage_error(
        "TM2404",
        "the rule set was written by trialmill " + set.program + ", this is " + base::program_version, {name},
        "import the rules again: trialmill rules import " + set.folder + " --name " + set.name);
  }
  if (head.value("sha256", "") != base::sha256_of(lines)) throw damaged(name, "the rule set is damaged");
  set.rules = rules_from_lines(lines, name);
  return set;
}

fs::path rule_sets_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string own = variable("TRIALMILL_RULES"); !own.empty()) return own;
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty())
    return fs::path(data) / "trialmill" / "rules";
  return fs::path(variable("HOME")) / ".local" / "share" / "trialmill" / "rules";
}

fs::path rule_set_file(const std::string& name) {
  return rule_sets_folder() / (name + extension);
}

std::vector<std::string> rule_set_names() {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(rule_sets_folder(), none)) {
    if (entry.path().extension() == extension) names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Rule> find_rules(const std::string& name_or_path, const std::vector<std::string>& statuses,
                             std::size_t& left_out) {
  if (name_or_path == "built-in") return embedded_rules();
  std::error_code none;
  fs::path file = name_or_path;
  if (!fs::exists(file, none)) {
    const bool is_name = name_or_path.find('/') == std::string::npos;
    if (is_name && fs::exists(rule_set_file(name_or_path), none)) {
      file = rule_set_file(name_or_path);
    } else {
      std::vector<std::string> known = rule_set_names();
      known.emplace_back("built-in");
      const std::string guess = base::did_you_mean(name_or_path, known);
      throw base::usage_error("TM2401", "no rules found at " + name_or_path, {},
                              guess.empty() ? "neither a file or folder, nor a rule set in " +
                                                  rule_sets_folder().string() +
                                                  "; sets there: " + base::join(known, ", ")
                                            : guess);
    }
  }
  if (!is_rule_set(file)) return load_rules(file);
  std::vector<Rule> rules = read_rule_set(file).rules;
  const std::size_t all = rules.size();
  std::erase_if(rules, [&](const Rule& rule) {
    const std::string status = base::to_lower(status_of(rule));
    return !statuses.empty() && std::find(statuses.begin(), statuses.end(), status) == statuses.end();
  });
  left_out += all - rules.size();
  return rules;
}

}  // namespace trialmill::conform
