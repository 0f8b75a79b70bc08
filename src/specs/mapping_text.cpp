#include "specs/mapping_text.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "specs/mapping_writer.hpp"
#include "specs/missing_variables.hpp"
#include "specs/read_spec.hpp"
#include "specs/verb.hpp"

namespace trialmill::specs {
namespace {

/// The word of Define-XML 2.1 for what specifications say.
std::string origin_of(const std::string& text) {
  const std::string word = base::to_lower(text);
  if (word.empty()) return "";
  if (word.starts_with("crf") || word.starts_with("ecrf") || word == "collected" || word == "edt" ||
      word == "edc")
    return "Collected";
  for (const char* known : {"Derived", "Assigned", "Protocol", "Predecessor"}) {
    if (word == base::to_lower(known)) return known;
  }
  return "";
}

}  // namespace

MappingWriter::MappingWriter(const SpecDataset& dataset, const WriteOptions& options)
    : dataset_(dataset), options_(options) {
  out_.dataset = dataset.name;
  out_.missing = missing_variables(dataset, options.sdtmig);
}

void MappingWriter::todo(const std::string& indent, const std::string& name, const std::string& what) {
  std::string text = one_line(what);
  if (text.size() > 2000) {
    const std::size_t size = text.size();
    for (text.resize(2000); !base::is_valid_utf8(text);) text.pop_back();
    text += " … (" + base::thousands(static_cast<long long>(size)) + " bytes in the specification)";
  }
  text_ += indent + "# TODO " + name + ": " + text + "\n";
  out_.open.push_back(name + ": " + text);
}

/// A variable that is left open is no key; the subject's is one in any case.
bool MappingWriter::is_made(const std::string& name) const {
  return std::ranges::any_of(dataset_.variables, [&](const auto& v) {
    return v.variable == name && (name == "USUBJID" || !verb_of(v, dataset_).empty());
  });
}

/// Lines for variables that are missing, where the standard leaves no choice: in front, as the guide has
/// them.
void MappingWriter::add_proposals() {
  for (const auto& one : out_.missing) {
    if (one.proposed.empty()) continue;
    SpecVariable line;
    line.variable = one.name;
    line.verb = one.proposed.substr(1, one.proposed.size() - 2);
    auto place = dataset_.variables.begin();
    for (const char* before : {"STUDYID", "USUBJID"}) {
      const auto found = std::ranges::find(dataset_.variables, before, &SpecVariable::variable);
      if (one.name != "STUDYID" && found != dataset_.variables.end()) place = found + 1;
    }
    dataset_.variables.insert(place, std::move(line));
  }
}

WrittenMapping MappingWriter::write(const std::string& spec_file) {
  add_proposals();
  text_ = "# From " + one_line(spec_file) + ". Lines with TODO say what the specification leaves open.\n";
  line("dataset: " + dataset_.name);
  if (!dataset_.label.empty()) line("label: " + scalar(one_line(dataset_.label)));
  if (!dataset_.structure.empty()) line("structure: " + scalar(one_line(dataset_.structure)));
  if (!dataset_.comment.empty()) line("comment: " + scalar(one_line(dataset_.comment)));
  line("keys: " + flow_list(keys()));
  records();
  for (const auto& what : dataset_.open) todo("", dataset_.name, what);
  variables(false);
  if (std::ranges::any_of(dataset_.variables, &SpecVariable::supplemental)) variables(true);
  out_.text = std::move(text_);
  return std::move(out_);
}

/// Keys of the specification, else what usually identifies a record of the dataset.
std::vector<std::string> MappingWriter::keys() const {
  if (!dataset_.keys.empty()) return dataset_.keys;
  if (dataset_.name == "DM") return {"STUDYID", "USUBJID"};
  std::vector<std::pair<int, std::string>> ordered;
  for (const auto& one : dataset_.variables) {
    if (!one.key_order.empty() && std::isdigit(static_cast<unsigned char>(one.key_order[0])))
      ordered.emplace_back(std::stoi(one.key_order.substr(0, 4)), one.variable);
  }
  std::ranges::stable_sort(ordered, {}, &std::pair<int, std::string>::first);
  std::vector<std::string> names;
  for (const auto& [order, name] : ordered) names.push_back(name);
  if (!names.empty()) return names;
  const std::string d = dataset_.name;
  for (const auto& name :
       {std::string("STUDYID"), std::string("USUBJID"), d + "TESTCD", d + "TRT", d + "DECOD", d + "TERM",
        std::string("VISITNUM"), d + "TPTNUM", d + "DTC", d + "STDTC", d + "SEQ"}) {
    if (is_made(name)) names.push_back(name);
  }
  if (names.empty() && !dataset_.variables.empty()) names.push_back(dataset_.variables[0].variable);
  return names;
}

void MappingWriter::variables(bool supplemental) {
  const std::string before = std::exchange(text_, "");
  const std::size_t made = out_.variables;
  for (const auto& one : dataset_.variables) {
    if (one.supplemental == supplemental) variable(one);
  }
  if (!supplemental && !out_.missing.empty()) {
    line("  # TODO missing (in SDTMIG " + options_.sdtmig +
         ", not in the specification): " + missing_text(out_.missing));
  }
  const std::string name = supplemental ? "supp:" : "variables:";
  // Without any line it must still be a map.
  text_ = before + name + (out_.variables == made ? " {}" : "") + "\n" + text_;
}

void MappingWriter::variable(const SpecVariable& one) {
  if (one.variable == "DOMAIN") return;
  const std::string name = scalar(one.variable);
  const std::string verb = verb_of(one, dataset_);
  if (verb.empty()) {
    std::string what = one.rule.empty() ? "no rule" : one.rule;
    if (!one.column.empty())
      what += " (source " + (one.source.empty() ? "" : one.source + " ") + one.column + ")";
    if (is_given_by_table(one)) {
      what = "'" + one.constant + "' from " + one.source;
      for (const auto& other : one.others) what += ", '" + other.constant + "' from " + other.source;
    }
    if (what == "no rule" && !one.origin.empty()) what += ", origin " + one.origin;
    if (!one.codelist.empty()) what += ", codelist " + one.codelist;
    if (!one.proposal.empty()) what += "; perhaps " + one.proposal;
    if (!one.place.empty()) what += " (" + one.place + ")";
    todo("  ", name, what);
  } else {
    ++out_.variables;
    if (one.guessed) todo("  ", name, "the specification names no column; is it " + one.column + "?");
    if (const auto columns = date_columns_by_table(one); !columns.empty())
      line("  _" + one.variable + ": {from: " + flow_list(columns) + "}");
    if (const auto columns = date_columns_by_table(one, true); !columns.empty())
      line("  _" + one.variable + "_TIME: {from: " + flow_list(columns) + "}");
    const std::string options = options_of(one, verb);
    const bool bare =
        options.empty() && verb.starts_with("from: ") && verb.find_first_of(",[") == std::string::npos;
    const bool added = one.place.empty() && !one.verb.empty();
    line("  " + name + ": " + (bare ? verb.substr(6) : "{" + verb + options + "}") +
         (added ? "  # proposed: not in the specification" : ""));
    todo_of_rule(one, verb);
    if (!one.question.empty()) todo("  ", name, one.question);
    if (one.verb.empty() && one.others.empty() && verb.starts_with("from: ["))
      todo("  ", name, "the first of the columns that holds something is taken; is it meant so?");
  }
  for (const auto& other : one.also) todo("  ", name, "also, " + other);
  if (!one.note.empty()) line("  # " + name + ": " + one_line(one.note));
}

std::string MappingWriter::options_of(const SpecVariable& one, const std::string& verb) const {
  std::string options;
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) options += std::string(", ") + key + ": " + scalar(one_line(text));
  };
  if (one.supplemental) add("label", one.label);
  add("origin", origin_of(one.origin));
  static const std::set<std::string> sources{"Investigator", "Sponsor", "Subject", "Vendor"};
  if (sources.count(one.origin_source) != 0) add("origin_source", one.origin_source);
  // Values that come from columns go through the codelist; texts of the rule are its terms already.
  const bool copied = (verb.starts_with("from: ") && verb.find(", map: ") == std::string::npos) ||
                      (verb.starts_with("choose: ") && verb.find("from: ") != std::string::npos);
  if (verb.find(", terms: ") == std::string::npos)
    add(copied && !one.verb.empty() ? "terms" : "codelist", one.codelist);
  add("pages", one.pages);
  add("method", one.method);
  add("comment", one.comment);
  if (one.supplemental) add("evaluator", one.evaluator);
  return options;
}

/// What the line says and the verb does not.
void MappingWriter::todo_of_rule(const SpecVariable& one, const std::string& verb) {
  if (verb.starts_with("datetime: ") && !one.format.empty() && verb.find("formats") == std::string::npos &&
      date_format(one.format).empty() && !is_iso_format(one.format))
    todo("  ", one.variable, "what are the `formats` of " + one.format + "?");
  const bool understood = !one.verb.empty() || one.rule_type == "sql" || one.rule_type == "constant" ||
                          one.rule_type == "sequence";
  if (!one.rule.empty() && !understood) todo("  ", one.variable, "the rule says: " + one.rule);
}

WrittenMapping mapping_of(const SpecDataset& dataset, const std::string& spec_file,
                          const WriteOptions& options) {
  return MappingWriter(dataset, options).write(spec_file);
}

}  // namespace trialmill::specs
