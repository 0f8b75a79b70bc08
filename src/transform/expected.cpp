#include "transform/expected.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "compare/report.hpp"

namespace trialmill::transform {
namespace {

namespace fs = std::filesystem;

class ExpectedCheck {
 public:
  ExpectedCheck(const fs::path& release, const base::Json& description, study::Context& context)
      : release_(release), description_(description), context_(context), plan_(context.study.expected) {}

  base::Json run() {
    const auto expected = formats::open_dataset_file(context_.study.root / "expected");
    report_.base = "expected";
    report_.other = "staged";
    report_.attributes_count = plan_.attributes;
    base::Json detail = base::Json::object();
    for (std::size_t d = 0; d < expected->datasets().size(); ++d) {
      const std::string name = base::to_upper(expected->datasets()[d].name);
      const fs::path staged = release_ / "parquet" / (name + ".parquet");
      if (!fs::exists(staged)) {
        add("TM2362", name, "", "the expected dataset is made by no mapping, or has no records");
        detail[name] = false;
        continue;
      }
      const auto made = formats::open_dataset_file(staged);
      report_.datasets.push_back(compare_one(*expected, d, *made, name));
      compare::DatasetResult& result = report_.datasets.back();
      result.name = name;
      describe(result);
      const bool complete =
          std::ranges::none_of(result.attributes, [](const auto& one) { return one.kind == "only_in_base"; });
      detail[name] = result.values_equal() && complete && (!plan_.attributes || result.attributes.empty());
    }
    base::write_file_atomically(release_ / "expected.json",
                                base::dump_json(compare::to_json(report_)) + "\n");
    base::write_file_atomically(release_ / "expected.html", compare::to_html(report_));
    return detail;
  }

 private:
  /// Records are paired by keys, which both sides must have.
  compare::DatasetResult compare_one(formats::DatasetFile& expected, std::size_t d,
                                     formats::DatasetFile& made, const std::string& name) const {
    const auto options = options_for(name);
    try {
      return compare::compare_datasets(expected, d, made, 0, options);
    } catch (const base::Error& error) {
      if (error.code() != "TM2601") throw;
      const bool own = plan_.keys.contains(name);
      const std::string place = own ? "study.yaml" : file_of(name),
                        keys = base::join(options.by.at(name), ", ");
      throw base::usage_error(
          "TM2601", (own ? file_of(name) + " and the dataset made: " : "") + error.message(), {place},
          (error.hint().empty() ? "" : error.hint() + " ") + "records are paired by " +
              (own ? "`expected: keys:` of study.yaml" : "the keys of the mapping") + " (" + keys +
              "); name variables that both have in study.yaml: expected: {keys: {" + name +
              ": [USUBJID, …]}}");
    }
  }

  /// The file of expected/ that holds the dataset, or the folder where several files may.
  std::string file_of(const std::string& dataset) const {
    for (const auto& entry : fs::directory_iterator(context_.study.root / "expected")) {
      if (base::to_upper(entry.path().stem().string()) == dataset)
        return "expected/" + entry.path().filename().string();
    }
    return "expected";
  }

  compare::Options options_for(const std::string& dataset) const {
    compare::Options options;
    options.tolerance = plan_.tolerance;
    options.attributes = plan_.attributes;
    for (const char* scope : {"", dataset.c_str()}) {
      const auto names = plan_.ignore.find(scope);
      if (names != plan_.ignore.end())
        options.ignore.insert(options.ignore.end(), names->second.begin(), names->second.end());
    }
    if (const auto keys = plan_.keys.find(dataset); keys != plan_.keys.end()) {
      options.by[dataset] = keys->second;
    } else if (const auto about = description_.find(dataset);
               about != description_.end() && about->contains("keys")) {
      for (const auto& key : (*about)["keys"]) options.by[dataset].push_back(key.get<std::string>());
    }
    options.by[""] = options.by[dataset];
    if (options.by[""].empty()) options.by.clear();
    return options;
  }

  void add(const std::string& rule, const std::string& dataset, const std::string& variable,
           const std::string& message, const std::string& value = "") {
    findings::Finding finding;
    finding.rule = rule;
    finding.severity = findings::severity_from(plan_.severity);
    finding.stage = "transform";
    finding.dataset = dataset;
    finding.variable = variable;
    finding.value = value;
    finding.message = message;
    context_.findings.add(std::move(finding));
  }

  static std::string count_of(std::int64_t count, const std::string& what) {
    return base::thousands(count) + " " + what + (count == 1 ? "" : "s");
  }

  void describe(const compare::DatasetResult& result) {
    if (result.rows_only_base > 0)
      add("TM2361", result.name, "",
          count_of(result.rows_only_base, "expected record") + " not made" +
              first_key(result, result.only_base));
    if (result.rows_only_other > 0)
      add("TM2361", result.name, "",
          count_of(result.rows_only_other, "record") + " not expected" +
              first_key(result, result.only_other));
    if (result.duplicates_base + result.duplicates_other > 0)
      add("TM2361", result.name, base::join(result.keys, ", "),
          "the keys do not identify records: " + base::thousands(result.duplicates_base) +
              " more expected ones, " + base::thousands(result.duplicates_other) + " more made ones");
    for (const auto& one : result.variables) {
      if (one.differences == 0) continue;
      const auto& first = one.details.front();
      std::string key;
      for (std::size_t k = 0; k < first.key.size() && k < result.keys.size(); ++k)
        key += (k > 0 ? ", " : " where ") + result.keys[k] + "=" + first.key[k];
      add("TM2360", result.name, one.name,
          count_of(one.differences, "value") + " not as expected; first: expected '" + first.base + "'" + key,
          first.other);
    }
    for (const auto& one : result.attributes) {
      const bool absent = one.kind == "only_in_base";
      if (!absent && !plan_.attributes) continue;
      add("TM2360", result.name, one.variable,
          absent ? "the expected variable is not made"
                 : one.kind + " is '" + one.other + "', expected '" + one.base + "'");
    }
  }

  static std::string first_key(const compare::DatasetResult& result,
                               const std::vector<compare::Unpaired>& rows) {
    std::string text;
    for (std::size_t k = 0; !rows.empty() && k < rows[0].key.size() && k < result.keys.size(); ++k)
      text += (k > 0 ? ", " : "; first: ") + result.keys[k] + "=" + rows[0].key[k];
    return text;
  }

  const fs::path& release_;
  const base::Json& description_;
  study::Context& context_;
  const study::ExpectedPlan& plan_;
  compare::Report report_;
};

}  // namespace

base::Json compare_expected(const fs::path& release, const base::Json& description, study::Context& context) {
  const fs::path folder = context.study.root / "expected";
  std::error_code status;
  if (!fs::is_directory(folder, status) || fs::is_empty(folder, status)) return nullptr;
  return ExpectedCheck(release, description, context).run();
}

}  // namespace trialmill::transform
