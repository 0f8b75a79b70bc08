#include "publish/define_build.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "publish/define_words.hpp"

namespace trialmill::publish {

namespace define = formats::define;
using base::sql_identifier;

namespace {

constexpr std::int64_t copied_rows_max = 200'000;
const std::string no_data_oid = "COM.NODATA";

}  // namespace

DefineBuilder::DefineBuilder(table::Session& session, const DefineInput& input, findings::Findings& findings)
    : session_(session),
      input_(input),
      findings_(findings),
      guide_(standards::sdtmig(input.study.sdtmig)),
      v21_(input.study.define != "2.0"),
      codelists_(input.terminology, input.study.root, terminology_oid) {}

std::string DefineBuilder::class_of(const Current& current) const {
  if (current.supplemental) return "RELATIONSHIP";
  std::string name = current.words.class_name;
  if (const auto* known = guide_.find_dataset(current.name); name.empty() && known != nullptr)
    name = known->class_name;
  return define_class(name);
}

std::string DefineBuilder::domain_of(const Current& current) {
  const std::string column = current.supplemental ? "RDOMAIN" : "DOMAIN";
  if (current.data->find(column) != nullptr) {
    const auto found =
        session_.query(fmt::format("SELECT min({0}), max({0}) FROM {1}", column, current.from));
    const std::string domain = found.text(0, 0);
    if (!domain.empty() && domain == found.text(0, 1)) return domain;
  }
  if (!current.supplemental) return current.name;
  return current.name.starts_with("SUPP") ? current.name.substr(4) : current.name;
}

DefineBuilder::Current DefineBuilder::begin(const Dataset& dataset) {
  Current out;
  out.data = &dataset;
  out.name = dataset.name;
  const auto entry = input_.metadata.find(dataset.name);
  if (entry != input_.metadata.end()) out.words = read_words(*entry);
  out.from = "(" + dataset.select() + ")";
  if (dataset.rows <=
      copied_rows_max) {  // many small queries follow; planning them over a view takes the time
    session_.execute("CREATE OR REPLACE TEMP TABLE tm_define AS " + dataset.select());
    out.from = "tm_define";
  }
  out.supplemental = dataset.find("QNAM") != nullptr && dataset.find("QVAL") != nullptr;
  out.class_name = class_of(out);
  out.domain = domain_of(out);
  out.prefix = out.domain.substr(0, 2);
  out.model =
      guide_.guide_variables(out.supplemental ? dataset.name : out.domain, out.class_name, out.prefix);
  for (const Column& column : dataset.columns)
    out.item_oids[column.name] = "IT." + dataset.name + "." + oid_part(column.name);
  return out;
}

const standards::Variable* DefineBuilder::standard_variable(const Current& current,
                                                            const std::string& name) const {
  const auto* known = guide_.find_dataset(current.supplemental ? current.name : current.domain);
  if (known != nullptr) {
    if (const auto* found = known->find(name)) return found;
  }
  const auto found = std::find_if(current.model.begin(), current.model.end(),
                                  [&](const standards::Variable& one) { return one.name == name; });
  if (found != current.model.end()) return &*found;
  const auto* model = guide_.model_dataset(current.domain);  // DM and others that are no observations
  return model == nullptr ? nullptr : model->find(name);
}

void DefineBuilder::measure(Current& current) {
  std::string sql = "SELECT count(*)";
  for (const Column& column : current.data->columns) {
    const auto id = sql_identifier(column.name);
    sql += ", " + (column.is_text ? "count(" + id + ")" : measure_sql("(" + number_text(id) + ")"));
  }
  const auto found = session_.query(sql + " FROM " + current.from);
  std::size_t at = 1;
  for (const Column& column : current.data->columns) {
    Measure& measure = current.measures[column.name];
    if (column.is_text) {
      measure.values = found.integer(0, at++);  // lengths are known from the survey
    } else {
      measure = read_measure(found, 0, at);
      at += measure_columns;
    }
  }
}

DataType DefineBuilder::type_of(const Current& current, const Column& column) {
  const Measure& measure = current.measures.at(column.name);
  if (!column.is_text) return numeric_type(measure);
  if (is_iso_variable(column.name)) {
    if (const auto type = iso_type(session_, current.from, column.name, "true")) return {*type, {}, {}};
  }
  return {"text", std::max(column.xpt_length, 1), {}};  // the length that the file has
}

void DefineBuilder::set_type(define::ItemDef& item, const DataType& type) {
  item.data_type = type.name;
  item.length = type.length;
  item.significant_digits = type.digits;
}

void DefineBuilder::add_origin(define::ItemDef& item, const OriginWords& words) {
  define::Origin origin = define_origin(words, v21_);
  if (origin.type.empty()) return;
  if (!words.pages.empty() && !doc_.annotated_crf.empty()) {
    origin.documents = {{doc_.annotated_crf[0].leaf_id, {page_ref(words.pages)}}};
  } else if (!words.pages.empty()) {
    origin.description += (origin.description.empty() ? "" : "; ") + ("CRF page " + words.pages);
  }
  item.origins.push_back(std::move(origin));
}

std::string DefineBuilder::add_method(const std::string& oid, const std::string& name,
                                      const std::optional<MethodWords>& words) {
  if (!words) return "";
  define::Method method;
  method.oid = oid;
  method.name = "Algorithm for " + name;
  method.type = "Computation";
  method.description = words->description.empty() ? "Computed as the expression says." : words->description;
  if (!words->expression.empty())
    method.expressions = {{words->context.empty() ? "Trialmill mapping" : words->context, words->expression}};
  doc_.methods.push_back(std::move(method));
  return oid;
}

std::string DefineBuilder::add_comment(const std::string& oid, const std::string& text) {
  if (text.empty()) return "";
  if (comment_oids_.insert(oid).second) doc_.comments.push_back({oid, text, {}, 0});
  return oid;
}

define::ItemRef DefineBuilder::variable(Current& current, const Column& column, int order) {
  const auto known = current.words.variables.find(column.name);
  const ItemWords words = known == current.words.variables.end() ? ItemWords{} : known->second;
  const standards::Variable* model = standard_variable(current, column.name);
  const std::string place = current.name + "." + oid_part(column.name);
  define::ItemRef ref;
  ref.item_oid = current.item_oids.at(column.name);
  ref.order_number = order;
  ref.mandatory = words.mandatory.value_or(model != nullptr && model->core == "Req");
  ref.role = !words.role.empty() ? words.role : model != nullptr ? model->role : "";
  const bool comparable = !current.model.empty() || guide_.find_dataset(current.name) != nullptr;
  ref.is_non_standard = model == nullptr && comparable;
  const auto key = std::find(current.data->keys.begin(), current.data->keys.end(), column.name);
  if (key != current.data->keys.end())
    ref.key_sequence = static_cast<int>(key - current.data->keys.begin()) + 1;
  ref.method_oid = add_method("MT." + place, column.name, words.method);

  define::ItemDef item;
  item.oid = ref.item_oid;
  item.name = item.sas_field_name = column.name;
  item.label = !column.label.empty() ? column.label : guide_.label_of(current.name, column.name);
  if (item.label.empty()) item.label = column.name;
  set_type(item, type_of(current, column));
  item.display_format = words.format;
  OriginWords origin = words.origin;
  if (origin.type.empty()) origin.type = column.origin;
  add_origin(item, origin);
  item.comment_oid = add_comment("COM." + place, words.comment);
  if (current.measures.at(column.name).values == 0 && current.data->rows > 0) {
    ref.has_no_data = true;
    if (v21_ && item.comment_oid.empty())
      item.comment_oid = add_comment(no_data_oid, "No record of this release has a value.");
  }
  items_[item.oid] = doc_.items.size();
  doc_.items.push_back(std::move(item));
  if (!add_dictionary(current, column, doc_.items.size() - 1)) {
    const std::string list = list_of(current, column, words);
    if (!list.empty())
      add_codelist(current, column, words, list, terms_of(current, column, "true"), "",
                   doc_.items.size() - 1);
  }
  return ref;
}

std::string DefineBuilder::structure_of(const Current& current) const {
  return current.words.structure.empty() ? structure_from_keys(current.data->keys, current.prefix)
                                         : current.words.structure;
}

void DefineBuilder::dataset(const Dataset& dataset) {
  Current current = begin(dataset);
  measure(current);
  const DatasetWords& words = current.words;
  define::ItemGroupDef group;
  group.oid = "IG." + dataset.name;
  group.name = group.sas_dataset_name = dataset.name;
  group.domain = current.domain;
  group.label = !dataset.label.empty() ? dataset.label : guide_.dataset_label(dataset.name);
  if (group.label.empty()) group.label = dataset.name;
  group.class_name = current.class_name;
  group.structure = structure_of(current);
  group.purpose = "Tabulation";
  group.is_reference_data =
      words.reference.value_or(dataset.find("USUBJID") == nullptr && current.class_name != "RELATIONSHIP");
  const auto identifies = [](const std::string& key) {
    return key == "STUDYID" || key == "DOMAIN" || key == "USUBJID";
  };
  group.repeating = words.repeating.value_or(
      !group.is_reference_data && !std::all_of(dataset.keys.begin(), dataset.keys.end(), identifies));
  group.has_no_data = dataset.rows == 0;
  group.is_non_standard =
      words.nonstandard || (guide_.find_dataset(dataset.name) == nullptr && guide_.is_custom(current.domain));
  if (!group.is_non_standard) group.standard_oid = guide_oid;
  if (current.domain != dataset.name && !current.supplemental)
    group.parent_label = guide_.dataset_label(current.domain);
  group.comment_oid = add_comment("COM." + dataset.name, words.comment);
  if (group.has_no_data && v21_ && group.comment_oid.empty())
    group.comment_oid = add_comment("COM." + dataset.name, "The dataset has no records in this release.");
  group.archive_location_id = "LF." + oid_part(dataset.name);
  const std::string file = dataset.file_stem() + "." + input_.extension;
  group.leaves = {{group.archive_location_id, input_.folder + file, file}};
  int order = 0;
  for (const Column& column : dataset.columns) group.items.push_back(variable(current, column, ++order));
  values_of(current);
  doc_.datasets.push_back(std::move(group));
}

DefineResult DefineBuilder::build(const std::vector<Dataset>& datasets) {
  doc_ = {};
  header(doc_);
  for (const Dataset& one : datasets) dataset(one);
  std::stable_sort(doc_.datasets.begin(), doc_.datasets.end(),
                   [](const define::ItemGroupDef& a, const define::ItemGroupDef& b) {
                     return std::pair(class_rank(a.class_name), a.name) <
                            std::pair(class_rank(b.class_name), b.name);
                   });
  doc_.codelists = codelists_.finish();
  for (const auto& [item, use] : codelist_uses_) doc_.items[item].codelist_oid = codelists_.oid(use);
  doc_.index();
  session_.execute("DROP TABLE IF EXISTS tm_define");
  DefineResult result{std::move(doc_), std::move(remarks_)};
  for (const std::string& one : codelists_.remarks()) result.remarks.push_back(one);
  return result;
}

}  // namespace trialmill::publish
