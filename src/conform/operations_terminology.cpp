// Operations on controlled terminology (--ct) and on the sponsor's Define-XML (--define-xml).
#include <algorithm>

#include "base/text.hpp"
#include "conform/define_table.hpp"
#include "conform/operation_call.hpp"
#include "standards/terminology_folder.hpp"

namespace trialmill::conform {

namespace {

std::vector<std::string> codelists_of(const Operation& operation) {
  std::vector<std::string> names = operation.codelists;
  if (!operation.codelist.empty()) names.push_back(operation.codelist);
  return names;
}

/// Throws SkipDataset if no package has it.
const standards::Codelist& codelist(const Call& call, const std::string& name) {
  const standards::Codelist* found = call.data.terminology().find_codelist(name);
  if (found == nullptr) throw SkipDataset{"the controlled terminology has no codelist " + name};
  return *found;
}

std::string_view term_attribute(const standards::Term& term, const std::string& type) {
  if (type == "value") return term.submission_value;
  return type == "pref_term" ? term.preferred_term : term.code;
}

/// Codes, submission values or preferred terms of codelists, or of their terms, as `level` says.
void codelist_terms(const Call& call) {
  std::vector<std::string> out;
  for (const std::string& name : codelists_of(call.operation)) {
    const standards::Codelist& list = codelist(call, name);
    if (call.operation.level == "codelist") {
      const std::string& type = call.operation.returntype;
      out.emplace_back(type == "code"        ? list.code()
                       : type == "pref_term" ? list.preferred_term()
                                             : list.submission_value());
      continue;
    }
    for (const standards::Term& term : list.terms())
      out.emplace_back(term_attribute(term, call.operation.returntype));
  }
  broadcast(call, Value::of_texts(out));
}

void codelist_extensible(const Call& call) {
  bool extensible = true;
  for (const std::string& name : codelists_of(call.operation))
    extensible &= codelist(call, name).extensible();
  broadcast(call, Value::of(extensible));
}

/// Terms that the sponsor added, of the codelists named (by submission value, NCI code or name); ALL: of any.
void define_extensible_codelists(const Call& call) {
  std::vector<std::string> out;
  for (const std::string& name : codelists_of(call.operation)) {
    const bool all = base::to_upper(name) == "ALL";
    const standards::Codelist* known = all ? nullptr : call.data.terminology().find_codelist(name);
    for (const auto& list : call.data.define()->codelists) {
      if (!all && list.name != name && list.nci_code != name &&
          (known == nullptr || list.nci_code != known->code()))
        continue;
      for (const auto& item : list.items) {
        if (item.extended) out.push_back(item.value);
      }
    }
  }
  broadcast(call, Value::of_texts(out));
}

/// Of a codelist, or of a term of it; "" for what a term's attribute is of the codelist alone.
std::string attribute_of(const standards::Codelist& list, const standards::Term* term,
                         const std::string& name) {
  if (name == "Codelist Code" || name == "Codelist CCODE") return std::string(list.code());
  if (name == "Codelist Value") return std::string(list.submission_value());
  if (name == "Codelist Name") return std::string(list.name());
  if (term == nullptr) return {};
  if (name == "Term CCODE") return std::string(term->code);
  if (name == "Term Preferred Term") return std::string(term->preferred_term);
  if (name == "Synonyms") return std::string(term->synonym_text);
  return std::string(term->submission_value);
}

bool is_wanted(const Operation& operation, const standards::Codelist& list, const standards::Term& term) {
  return std::all_of(
      operation.ct_conditions.begin(), operation.ct_conditions.end(), [&](const auto& condition) {
        const auto& [name, value] = condition;
        if (name != "Extensible") return attribute_of(list, &term, name) == plain_text(value);
        const std::string wanted = base::to_lower(plain_text(value));
        const bool extensible =
            value.kind == Kind::boolean ? value.number != 0 : wanted == "yes" || wanted == "true";
        return list.extensible() == extensible;
      });
}

/// The attribute of all codelists or terms that the operation's conditions hold for.
void add_attributes(const Operation& operation, const standards::Package& package,
                    std::vector<std::string>& out) {
  const bool of_lists = operation.ct_attribute.rfind("Codelist", 0) == 0;
  for (const standards::Codelist& list : package.codelists()) {
    for (const standards::Term& term : list.terms()) {
      if (!is_wanted(operation, list, term)) continue;
      out.push_back(attribute_of(list, &term, operation.ct_attribute));
      if (of_lists) break;
    }
  }
}

/// For each row the attribute's values in the package that the row names: CDISC in `name`, a date in
/// `version`. Null where the row names another dictionary.
void codelist_attributes_by_row(const Call& call) {
  const Column& names = call.table.column(call.operation.name);
  const Column& versions = call.table.column(call.operation.version);
  const Grouping grouping = group_rows({&names, &versions}, call.table.frame.rows);
  std::vector<Value> values{Value{}};
  std::vector<std::uint32_t> codes(grouping.group.size());
  for (std::size_t row = 0; row < codes.size(); ++row) {
    codes[row] = grouping.group[row] + 1;
    if (codes[row] < values.size()) continue;
    Value& value = values.emplace_back();
    const std::string name = plain_text(names.at(row)), version = plain_text(versions.at(row));
    if (name != "CDISC" && name != "CDISC CT") continue;
    const standards::Package* package = nullptr;
    for (const auto& known : call.data.terminology().packages()) {
      if (known->info().name == "sdtmct-" + version) package = known.get();
    }
    if (package == nullptr) throw SkipDataset{"controlled terminology sdtmct-" + version + " was not chosen"};
    std::vector<std::string> found;
    add_attributes(call.operation, *package, found);
    value = Value::of_texts(found);
  }
  add_coded(call, std::move(codes), std::move(values));
}

/// By row if `version` names a variable, else one list of the packages chosen for the run.
void codelist_attributes(const Call& call) {
  const std::string& version = call.operation.version;
  if (!version.empty() && call.table.frame.find(call.table.expand(version)) != nullptr)
    return codelist_attributes_by_row(call);
  std::vector<std::string> found;
  for (const auto& package : call.data.terminology().packages())
    add_attributes(call.operation, *package, found);
  broadcast(call, Value::of_texts(found));
}

/// Dates of the packages that are installed, of the standards named (default: SDTM).
void codelist_dates(const Call& call) {
  std::vector<std::string> types = call.operation.ct_package_types;
  if (types.empty()) types = {"SDTM"};
  std::vector<std::string> dates;
  for (const standards::PackageInfo& package : standards::PackageFolder().list()) {
    const bool wanted = std::any_of(types.begin(), types.end(), [&](const std::string& type) {
      return base::to_upper(package.standard) == base::to_upper(type);
    });
    if (wanted && std::find(dates.begin(), dates.end(), package.date) == dates.end())
      dates.push_back(package.date);
  }
  if (dates.empty()) throw SkipDataset{"no controlled terminology is installed"};
  std::sort(dates.begin(), dates.end());
  broadcast(call, Value::of_texts(dates));
}

/// What the Define-XML says about one variable; without a name, pairs [variable, value] for all.
void define_variable_metadata(const Call& call) {
  const Frame frame = define_variables(*call.data.define(), call.dataset);
  const Column* names = frame.find("define_variable_name");
  const Column* values = frame.find(call.operation.attribute_name);
  if (values == nullptr) throw SkipDataset{"metadata '" + call.operation.attribute_name + "' is not known"};
  std::vector<Value> pairs;
  Value found;
  const std::string wanted = call.table.expand(call.operation.name);
  for (std::size_t row = 0; row < frame.rows; ++row) {
    pairs.push_back(Value::of(std::vector<Value>{names->value(row), values->value(row)}));
    if (plain_text(names->at(row)) == wanted) found = values->value(row);
  }
  broadcast(call, wanted.empty() ? Value::of(std::move(pairs)) : std::move(found));
}

}  // namespace

void add_terminology_operations(OperationTable& operations) {
  operations["codelist_terms"] = {codelist_terms, "codes or values of codelists, or of their terms"};
  operations["codelist_extensible"] = {codelist_extensible, "true if the codelist is extensible"};
  operations["define_extensible_codelists"] = {define_extensible_codelists,
                                               "terms the sponsor added to the codelists (Define-XML)"};
  operations["get_codelist_attributes"] = {
      codelist_attributes, "codes or values of the package that each row names, or of those chosen"};
  operations["valid_codelist_dates"] = {codelist_dates, "dates of the installed terminology packages"};
  operations["define_variable_metadata"] = {define_variable_metadata,
                                            "what the Define-XML says about a variable"};
}

}  // namespace trialmill::conform
