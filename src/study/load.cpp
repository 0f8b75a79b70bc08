// Reads study.yaml into a Study. Every key is checked: unknown ones, wrong shapes and dangling references are
// errors with line and column, because a typing error here must never become a silent default.
#include <algorithm>
#include <cctype>
#include <set>

#include "base/text.hpp"
#include "base/yaml.hpp"
#include "study/study.hpp"

namespace trialmill::study {

using base::usage_error;
using base::YamlMap;
using base::YamlValue;

namespace {

const std::vector<std::string> source_formats{
    "csv",      "ndjson", "json",    "fitbit",       "oura", "clue",        "flo",         "xlsx",
    "sas7bdat", "xpt",    "parquet", "dataset-json", "odm",  "dataset-xml", "apple-health"};

bool is_source_name(const std::string& name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// Patterns and files must stay inside the study: a study from elsewhere must not read the rest of the disk.
void require_inside(const std::string& path, const base::Place& place) {
  const fs::path parsed(path);
  const bool climbs = std::find(parsed.begin(), parsed.end(), "..") != parsed.end();
  if (!path.empty() && !parsed.is_absolute() && !climbs) return;
  throw usage_error("TM1503", "'" + path + "' must be a relative path that stays inside its folder", place);
}

Delivery delivery_from(const std::string& word) {
  if (word == "snapshot") return Delivery::snapshot;
  return word == "upsert" ? Delivery::upsert : Delivery::append;
}

Source read_source(const std::string& name, const YamlValue& value) {
  if (!is_source_name(name)) {
    throw usage_error("TM1503", "'" + name + "' cannot be the name of a source", value.place(),
                      "use lower-case letters, digits and _, starting with a letter, e.g. edc_dm");
  }
  YamlMap map = value.map();
  Source source;
  source.name = name;
  source.place = value.place();
  if (const auto api = map.find("api")) {
    source.api = read_api_source(api->map());
    source.format = "json";
    if (map.has("files") || map.has("format"))
      throw usage_error("TM1505", "a source has `files` or `api`, not both", source.place,
                        "pages of an api are JSON");
  } else {
    const YamlValue files = map.get("files");
    source.files = files.texts();
    for (const auto& pattern : source.files) require_inside(pattern, files.place());
    source.format = map.choice_or("format", source_formats, "csv");
  }
  source.member = map.text_or("member", map.text_or("sheet", ""));
  source.header_lines = static_cast<int>(map.integer_or("header_lines", 1));
  if (source.header_lines < 1 || source.header_lines > 2)
    throw usage_error("TM1007", "'header_lines' is 1, or 2 for a line of labels above the names",
                      source.place);
  source.delimiter = map.text_or("delimiter", "");
  if (source.delimiter == "tab" || source.delimiter == "\\t") source.delimiter = "\t";
  if (source.delimiter.size() > 1) {
    throw usage_error("TM1007",
                      "'" + map.value().path() + ".delimiter' must be one character or the word tab",
                      map.get("delimiter").place());
  }
  source.encoding =
      map.choice_or("encoding", {"utf-8", "utf-16", "windows-1252", "iso-8859-1", "shift_jis"}, "");
  // A pull brings everything that there is, so the newest one counts unless the study says otherwise.
  const std::string delivery =
      map.choice_or("delivery", {"append", "snapshot", "upsert"}, source.api ? "snapshot" : "append");
  source.api.newest_only = delivery == "snapshot";
  source.delivery = source.api && delivery == "snapshot" ? Delivery::append : delivery_from(delivery);
  source.by = map.texts_or("by", {});
  source.key = map.texts_or("key", {});
  source.unmapped = map.text_or("unmapped", "");
  source.optional = map.boolean_or("optional", false);
  source.columns = map.texts_or("columns", {});
  map.finish();
  if (source.delivery == Delivery::upsert && source.key.empty()) {
    throw usage_error("TM1006", "source '" + name + "' has delivery upsert, so it needs a 'key'",
                      source.place, "name the columns that identify a row, e.g. key: [ACCESSION, TESTCODE]");
  }
  if (source.delivery == Delivery::snapshot && source.by.empty()) {
    throw usage_error("TM1006", "source '" + name + "' has delivery snapshot, so it needs 'by'", source.place,
                      "name the columns whose values tell what a later file replaces, e.g. by: SITEID");
  }
  return source;
}

void read_standard(YamlMap& root, Study& study) {
  const auto value = root.find("standard");
  if (!value) return;
  YamlMap map = value->map();
  study.sdtmig = map.choice_or("sdtmig", {"3.2", "3.3", "3.4"}, study.sdtmig);
  study.ct = map.text_or("ct", study.ct);
  study.define = map.choice_or("define", {"2.0", "2.1"}, study.define);
  map.finish();
}

void read_environments(YamlMap& root, const std::string& wanted, Study& study) {
  std::string inbox = "inbox";
  std::vector<std::string> names;
  if (const auto value = root.find("environments")) {
    for (const auto& [name, environment] : value->map().entries()) {
      YamlMap map = environment.map();
      const std::string folder = map.text("inbox"), lake = map.text_or("lake", "");
      map.finish();
      if (name == wanted || (wanted.empty() && names.empty())) {
        study.environment = name;
        inbox = folder;
        // What one environment makes must not replace what another has published.
        if (!lake.empty())
          study.lake = fs::weakly_canonical(study.root / lake);
        else if (!names.empty())
          study.lake += "-" + name;
      }
      names.push_back(name);
    }
  }
  study.environments = names;
  if (!wanted.empty() && study.environment != wanted) {
    throw usage_error(
        "TM1502", "environment '" + wanted + "' is not declared", root.place(),
        names.empty() ? "study.yaml declares no environments" : "declared: " + base::join(names, ", "));
  }
  study.inbox = fs::weakly_canonical(study.root / inbox);
}

void read_quality(YamlMap& root, Study& study) {
  const auto value = root.find("quality");
  if (!value) return;
  for (const auto& [name, entry] : value->map().entries()) {
    if (name == "on_failure") continue;
    QualityPlan::Entry item{name, entry.texts(), entry.place()};
    if (!study.find_source(name)) {
      std::vector<std::string> known;
      for (const auto& source : study.sources) known.push_back(source.name);
      throw usage_error("TM1504", "'quality' names source '" + name + "', which is not declared", item.place,
                        base::did_you_mean(name, known));
    }
    for (const auto& ruleset : item.rulesets) {
      require_inside(ruleset, item.place);
      if (!fs::is_regular_file(study.root / ruleset)) {
        throw usage_error("TM1504", "ruleset '" + ruleset + "' does not exist", item.place,
                          "the path is relative to the study folder, e.g. quality/dm.dqdl");
      }
    }
    study.quality.entries.push_back(std::move(item));
  }
  study.quality.on_failure = value->map().choice_or("on_failure", {"pause", "stop", "go-on"}, "pause");
}

void read_alerts(YamlMap& root, Study& study) {
  const auto value = root.find("alerts");
  if (!value) return;
  for (const auto& item : value->list()) {
    YamlMap map = item.map();
    for (const char* kind : {"mail", "webhook", "file"}) {
      if (const auto target = map.find(kind)) study.alerts.push_back({kind, target->text()});
    }
    map.finish();
  }
}

void read_publish(YamlMap& root, Study& study) {
  const auto value = root.find("publish");
  if (!value) return;
  YamlMap map = value->map();
  const std::vector<std::string> known{"csv",  "parquet", "xpt", "dataset-json", "dataset-ndjson",
                                       "dsjc", "xlsx"};
  if (const auto formats = map.find("formats")) {
    study.publish.formats = formats->texts();
    for (const auto& format : study.publish.formats) {
      if (std::find(known.begin(), known.end(), format) != known.end()) continue;
      throw usage_error("TM1007",
                        "'publish.formats' holds '" + format + "', but knows only " + base::join(known, ", "),
                        formats->place(), base::did_you_mean(format, known));
    }
  }
  study.publish.agency = map.choice_or("agency", {"fda", "pmda", "none"}, "none");
  study.publish.created = map.text_or("created", study.publish.created);
  study.publish.define = map.boolean_or("define", true);
  map.finish();
}

void read_expected(YamlMap& root, Study& study) {
  const auto value = root.find("expected");
  if (!value) return;
  YamlMap map = value->map();
  if (const auto keys = map.find("keys")) {
    for (const auto& [dataset, names] : keys->map().entries()) study.expected.keys[dataset] = names.texts();
  }
  if (const auto ignore = map.find("ignore")) {
    if (ignore->is_map()) {
      for (const auto& [dataset, names] : ignore->map().entries())
        study.expected.ignore[dataset] = names.texts();
    } else {
      study.expected.ignore[""] = ignore->texts();
    }
  }
  if (const auto tolerance = map.find("tolerance")) study.expected.tolerance = tolerance->number();
  study.expected.attributes = map.boolean_or("attributes", false);
  study.expected.severity = map.choice_or("severity", {"info", "warning", "error"}, "error");
  map.finish();
}

/// What define.xml names beside the datasets: dictionaries with their versions, and documents.
void read_submission(YamlMap& root, Study& study) {
  if (const auto value = root.find("dictionaries")) {
    for (const auto& [name, version] : value->map().entries()) study.dictionaries[name] = version.text();
  }
  const auto documents = root.find("documents");
  if (!documents) return;
  std::set<std::string> names;
  for (const YamlValue& one : documents->list()) {
    YamlMap map = one.map();
    const YamlValue file = map.get("file");
    require_inside(file.text(), file.place());
    SubmissionDocument document{study.root / file.text(), "", ""};
    if (!fs::is_regular_file(document.file))
      throw usage_error("TM1504", "document '" + file.text() + "' does not exist", file.place());
    const std::string name = document.file.filename();
    if (!names.insert(base::to_lower(name)).second) {
      throw usage_error("TM1503", "two documents have the name '" + name + "'", file.place(),
                        "they lie side by side in the release: rename one of them");
    }
    document.kind = map.choice_or("kind", {"annotated-crf", "reviewers-guide", "algorithms", "supplemental"},
                                  "supplemental");
    document.title = map.text_or("title", name);
    map.finish();
    study.documents.push_back(std::move(document));
  }
}

void locate_parts(YamlMap& root, Study& study) {
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(study.root / "mappings", status)) {
    const auto kind = entry.path().extension();
    if (kind == ".yaml" || kind == ".yml" || kind == ".sql") study.mappings.push_back(entry.path());
  }
  std::sort(study.mappings.begin(), study.mappings.end());
  if (fs::is_directory(study.root / "rules")) study.rule_folders.push_back(study.root / "rules");
  const fs::path usual = study.root / "workflow.asl.json";
  if (fs::is_regular_file(usual)) study.workflow = usual;
  if (const auto named = root.find("workflow")) {
    require_inside(named->text(), named->place());
    study.workflow = study.root / named->text();
    if (!fs::is_regular_file(*study.workflow)) {
      throw usage_error("TM1504", "workflow '" + named->text() + "' does not exist", named->place());
    }
  }
}

}  // namespace

const Source* Study::find_source(const std::string& name) const {
  const auto found =
      std::find_if(sources.begin(), sources.end(), [&](const Source& source) { return source.name == name; });
  return found == sources.end() ? nullptr : &*found;
}

Study load(const fs::path& folder, const std::string& environment) {
  const fs::path file = folder / "study.yaml";
  if (!fs::exists(file)) {
    throw usage_error("TM1501", "no study.yaml in '" + folder.string() + "'", {},
                      "give the study's folder, or write an example with: trialmill demo DIR");
  }
  YamlMap root = base::read_yaml_file(file, file.lexically_normal().string()).map();
  Study study;
  study.root = fs::canonical(folder);
  study.id = root.text("study");
  if (study.id.empty()) throw usage_error("TM1006", "'study' must not be empty", root.get("study").place());
  study.title = root.text_or("title", "");
  read_standard(root, study);
  study.lake = fs::weakly_canonical(study.root / root.text_or("lake", "lake"));
  read_environments(root, environment, study);
  for (const auto& [name, value] : root.get("sources").map().entries()) {
    study.sources.push_back(read_source(name, value));
  }
  read_quality(root, study);
  read_alerts(root, study);
  read_expected(root, study);
  read_publish(root, study);
  read_submission(root, study);
  study.on_duplicate_keys = root.choice_or("on_duplicate_keys", {"stop", "publish"}, "stop");
  study.fail_on = root.choice_or("fail_on", {"info", "warning", "error"}, "error");
  locate_parts(root, study);
  root.finish();
  return study;
}

}  // namespace trialmill::study
