#include "publish/define_codelists.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/text.hpp"
#include "study/lists.hpp"

namespace trialmill::publish {

namespace define = formats::define;
using standards::Codelist;
using Terms = std::map<std::string, std::string>;

namespace {

constexpr std::size_t named_by_terms_max = 24;  ///< longest OID part that is made of terms
constexpr std::size_t code_length_max = 3;      ///< longer submission values speak for themselves

bool is_nci_code(const std::string& text) {
  return text.size() > 1 && text[0] == 'C' && text.find_first_not_of("0123456789", 1) == std::string::npos;
}

std::size_t known_terms(const Codelist& list, const Terms& terms) {
  return static_cast<std::size_t>(std::count_if(
      terms.begin(), terms.end(), [&](const auto& term) { return list.find(term.first) != nullptr; }));
}

/// The first of the lists that has the value; nullptr if none.
const standards::Term* find_term(const std::vector<const Codelist*>& lists, const std::string& value) {
  for (const Codelist* list : lists) {
    if (const standards::Term* term = list->find(value)) return term;
  }
  return nullptr;
}

std::vector<std::string> ordered(const Terms& terms, bool numeric) {
  std::vector<std::string> out;
  for (const auto& [value, decode] : terms) out.push_back(value);
  if (!numeric) return out;
  const auto number = [](const std::string& text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](const auto& a, const auto& b) { return number(a) < number(b); });
  return out;
}

/// Decodes where values are codes such as Y or F; where values are words (ORAL), NCI's preferred term is no
/// decode but another word.
void decode_codes(define::CodeList& out, const std::vector<const Codelist*>& published) {
  const bool codes = std::all_of(out.items.begin(), out.items.end(),
                                 [](const auto& item) { return item.value.size() <= code_length_max; });
  const bool decoded =
      std::any_of(out.items.begin(), out.items.end(), [](const auto& item) { return !item.decode.empty(); });
  if (!codes || decoded) return;
  std::vector<std::string> decodes;
  for (const auto& item : out.items) {
    const standards::Term* term = find_term(published, item.value);
    if (term == nullptr || term->preferred_term.empty()) return;
    decodes.emplace_back(term->preferred_term);
  }
  for (std::size_t i = 0; i < decodes.size(); ++i) out.items[i].decode = decodes[i];
}

}  // namespace

std::string oid_part(const std::string& text) {
  std::string out = text;
  for (char& c : out) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!plain && c != '.' && c != '-' && c != '_') c = '_';
  }
  return out;
}

Codelists::Codelists(standards::Terminology terminology, std::filesystem::path study,
                     std::string standard_oid)
    : terminology_(std::move(terminology)),
      study_(std::move(study)),
      standard_oid_(std::move(standard_oid)) {}

std::string Codelists::resolve_csv(table::Session& session, const CodelistUse& use) {
  const std::string& path = use.list;
  const std::string key = "csv:" + path + ":" + use.data_type;
  if (lists_.count(key) > 0) return key;
  List list;
  list.name = std::filesystem::path(path).stem().string();
  list.stem = oid_part(base::to_upper(list.name));
  const bool inside = path[0] != '/' && path.find("..") == std::string::npos;
  try {
    if (!inside) throw base::Error("TM2521", "it lies outside the study");
    const auto found = session.query_text("SELECT * FROM " + study::list_sql(study_ / path, path));
    std::size_t code = 0, decode = 1;
    for (std::size_t c = 0; c < found.columns(); ++c) {
      if (base::to_lower(found.name(c)) == "code" || base::to_lower(found.name(c)) == "term") code = c;
      if (base::to_lower(found.name(c)) == "decode") decode = c;
    }
    for (std::size_t r = 0; r < found.rows() && decode < found.columns(); ++r)
      list.decodes[found.text(r, code)] = found.text(r, decode);
  } catch (const base::Error& error) {
    remarks_.push_back("codelist " + path + " cannot be read: " + error.message());
  }
  lists_[key] = std::move(list);
  return key;
}

bool Codelists::knows_all(const std::string& list, const Terms& terms) const {
  std::vector<const Codelist*> published;
  for (const std::string& name : base::split(list, ';')) {
    if (const Codelist* found = terminology_.find_codelist(name)) published.push_back(found);
  }
  return std::all_of(terms.begin(), terms.end(),
                     [&](const auto& term) { return find_term(published, term.first) != nullptr; });
}

std::string Codelists::resolve_published(const CodelistUse& use) {
  List list;
  std::string first_code;
  for (const std::string& name : base::split(use.list, ';')) {
    if (first_code.empty() && is_nci_code(name)) first_code = name;
    if (const Codelist* found = terminology_.find_codelist(name)) list.published.push_back(found);
  }
  std::stable_sort(list.published.begin(), list.published.end(), [&](const Codelist* a, const Codelist* b) {
    return known_terms(*a, use.terms) > known_terms(*b, use.terms);
  });
  if (!list.published.empty()) {
    const Codelist& best = *list.published[0];
    list.nci_code = std::string(best.code());
    list.stem =
        oid_part(std::string(best.submission_value().empty() ? best.code() : best.submission_value()));
    list.name = std::string(best.name());
    list.standard = true;
  } else {
    list.nci_code = first_code;
    list.stem = oid_part(first_code.empty() ? use.list : first_code);
    list.name = !first_code.empty() ? "CDISC codelist " + first_code : use.name.empty() ? use.list : use.name;
    list.standard = !first_code.empty();
  }
  const std::string key = (list.standard ? "ct:" + list.nci_code : "own:" + use.list) + ":" + use.data_type;
  lists_.emplace(key, std::move(list));
  return key;
}

std::string Codelists::resolve(table::Session& session, const CodelistUse& use) {
  if (base::to_lower(use.list).ends_with(".csv")) return resolve_csv(session, use);
  // The mapping's {terms: NAME} takes codelists/NAME.csv of the study.
  CodelistUse own = use;
  own.list = "codelists/" + use.list + ".csv";
  const bool plain = use.list.find('/') == std::string::npos && use.list.find(';') == std::string::npos;
  if (plain && terminology_.find_codelist(use.list) == nullptr &&
      std::filesystem::is_regular_file(study_ / own.list))
    return resolve_csv(session, own);
  return resolve_published(use);
}

std::size_t Codelists::add(table::Session& session, CodelistUse use) {
  std::string key = resolve(session, use);
  uses_.push_back({std::move(key), std::move(use)});
  return uses_.size() - 1;
}

std::size_t Codelists::add_external(const std::string& dictionary, const std::string& version,
                                    const std::string& data_type) {
  const std::string key = "dictionary:" + dictionary + ":" + data_type;
  if (const auto at = external_.find(key); at != external_.end()) return at->second;
  define::CodeList list;
  list.oid = unique_oid("CL." + oid_part(base::to_upper(dictionary)) + (data_type == "text" ? "" : "_CODE"));
  list.name = dictionary + (data_type == "text" ? "" : " codes");
  list.data_type = data_type;
  list.external = define::ExternalDictionary{dictionary, version, "", ""};
  uses_.push_back({"", CodelistUse{list.oid, "", "", data_type, {}, false}});
  made_.push_back(std::move(list));
  return external_[key] = uses_.size() - 1;
}

std::string Codelists::unique_oid(const std::string& wanted) {
  std::string oid = wanted;
  for (int n = 2; !taken_.insert(oid).second; ++n) oid = wanted + "." + std::to_string(n);
  return oid;
}

define::CodeList Codelists::make(const List& list, const Terms& terms, const std::string& data_type) {
  define::CodeList out;
  out.name = list.name;
  out.data_type = data_type;
  out.nci_code = list.nci_code;
  out.is_non_standard = !list.standard;
  if (list.standard) out.standard_oid = standard_oid_;
  int order = 0;
  for (const std::string& value : ordered(terms, data_type != "text")) {
    define::CodedItem item;
    item.value = value;
    item.order_number = ++order;
    item.decode = terms.at(value);
    if (const auto at = list.decodes.find(value); at != list.decodes.end()) item.decode = at->second;
    if (!list.published.empty()) {
      const standards::Term* term = find_term(list.published, value);
      if (term != nullptr) item.nci_code = std::string(term->code);
      item.extended = term == nullptr && list.published[0]->extensible();
      if (term == nullptr && !item.extended) {
        remarks_.push_back("'" + value + "' is not in codelist " + list.stem + ", which is not extensible");
      }
    }
    out.items.push_back(std::move(item));
  }
  if (!list.published.empty()) decode_codes(out, list.published);
  return out;
}

void Codelists::finish_list(const std::string& key, const std::vector<std::size_t>& uses) {
  const List& list = lists_.at(key);
  Terms all;
  for (const std::size_t at : uses) {
    if (uses_[at].use.own) continue;
    for (const auto& [value, decode] : uses_[at].use.terms) {
      std::string& kept = all[value];
      if (kept.empty()) kept = decode;
    }
  }
  std::map<Terms, std::string> made;  // same terms, same list
  const auto add = [&](const Terms& terms, const CodelistUse& use, const std::string& oid,
                       const std::string& name) {
    define::CodeList out = make(list, terms, use.data_type);
    out.oid = made[terms] = unique_oid(oid);
    out.name += name;
    made_.push_back(std::move(out));
  };
  if (all.empty()) {  // no use shares a list: a use that has all terms gives the plain name
    for (const std::size_t at : uses) all.insert(uses_[at].use.terms.begin(), uses_[at].use.terms.end());
    const auto has_all = [&](std::size_t at) { return uses_[at].use.terms == all; };
    if (std::none_of(uses.begin(), uses.end(), has_all)) all.clear();
  }
  if (!all.empty()) add(all, uses_[uses.front()].use, "CL." + list.stem, "");
  for (const std::size_t at : uses) {
    const CodelistUse& use = uses_[at].use;
    const Terms& terms = use.own ? use.terms : all;
    if (made.count(terms) == 0) {
      std::vector<std::string> values;
      for (const auto& [value, decode] : terms) values.push_back(value);
      const std::string joined = base::join(values, "_");
      const bool is_short = joined.size() <= named_by_terms_max;
      add(terms, use, "CL." + list.stem + "." + oid_part(is_short ? joined : use.place),
          is_short ? ": " + base::join(values, ", ") : ", subset for " + use.place);
    }
    oids_[at] = made.at(terms);
  }
}

std::vector<define::CodeList> Codelists::finish() {
  oids_.assign(uses_.size(), "");
  std::map<std::string, std::vector<std::size_t>> by_list;
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    if (uses_[i].list.empty())
      oids_[i] = uses_[i].use.list;
    else
      by_list[uses_[i].list].push_back(i);
  }
  for (const auto& [key, uses] : by_list) finish_list(key, uses);
  std::sort(made_.begin(), made_.end(), [](const auto& a, const auto& b) { return a.oid < b.oid; });
  return std::move(made_);
}

}  // namespace trialmill::publish
