#include "formats/define_xml.hpp"

#include <algorithm>

namespace trialmill::formats::define {

namespace {

template <class T>
const T* at(const std::unordered_map<std::string, std::size_t>& index, const std::vector<T>& all,
            std::string_view key) {
  const auto found = index.find(std::string(key));
  return found == index.end() ? nullptr : &all[found->second];
}

}  // namespace

std::vector<std::string> ItemGroupDef::key_oids() const {
  std::vector<const ItemRef*> keys;
  for (const ItemRef& ref : items) {
    if (ref.key_sequence) keys.push_back(&ref);
  }
  std::stable_sort(keys.begin(), keys.end(),
                   [](const ItemRef* a, const ItemRef* b) { return *a->key_sequence < *b->key_sequence; });
  std::vector<std::string> out;
  for (const ItemRef* ref : keys) out.push_back(ref->item_oid);
  return out;
}

const CodedItem* CodeList::find(std::string_view value) const {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const CodedItem& item) { return item.value == value; });
  return found == items.end() ? nullptr : &*found;
}

const ItemGroupDef* Document::dataset(std::string_view wanted) const {
  return at(dataset_names_, datasets, wanted);
}
const ItemDef* Document::item(std::string_view wanted) const {
  return at(items_, items, wanted);
}
const ValueList* Document::value_list(std::string_view wanted) const {
  return at(value_lists_, value_lists, wanted);
}
const WhereClause* Document::where_clause(std::string_view wanted) const {
  return at(where_clauses_, where_clauses, wanted);
}
const CodeList* Document::codelist(std::string_view wanted) const {
  return at(codelists_, codelists, wanted);
}
const Method* Document::method(std::string_view wanted) const {
  return at(methods_, methods, wanted);
}
const Comment* Document::comment(std::string_view wanted) const {
  return at(comments_, comments, wanted);
}

const ItemRef* Document::variable_ref(std::string_view dataset_name, std::string_view variable_name) const {
  const ItemGroupDef* group = dataset(dataset_name);
  if (group == nullptr) return nullptr;
  for (const ItemRef& ref : group->items) {
    const ItemDef* definition = item(ref.item_oid);
    if (definition != nullptr && definition->name == variable_name) return &ref;
  }
  return nullptr;
}

const ItemDef* Document::variable(std::string_view dataset_name, std::string_view variable_name) const {
  const ItemRef* ref = variable_ref(dataset_name, variable_name);
  return ref == nullptr ? nullptr : item(ref->item_oid);
}

const Standard* Document::standard(std::string_view wanted) const {
  const auto found = std::find_if(standards.begin(), standards.end(),
                                  [&](const Standard& one) { return one.oid == wanted; });
  return found == standards.end() ? nullptr : &*found;
}

const Leaf* Document::leaf(std::string_view id) const {
  const auto has_id = [&](const Leaf& one) { return one.id == id; };
  if (const auto found = std::find_if(leaves.begin(), leaves.end(), has_id); found != leaves.end())
    return &*found;
  for (const ItemGroupDef& group : datasets) {
    const auto found = std::find_if(group.leaves.begin(), group.leaves.end(), has_id);
    if (found != group.leaves.end()) return &*found;
  }
  return nullptr;
}

template <class T>
void Document::index_by_oid(const std::vector<T>& all, const std::string& kind, Index& into) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [entry, fresh] = into.try_emplace(all[i].oid, i);
    if (fresh) continue;
    problems.push_back({all[i].line, kind + " " + all[i].oid + " is defined twice, first on line " +
                                         std::to_string(all[entry->second].line)});
  }
}

void Document::index() {
  index_by_oid(items, "ItemDef", items_);
  index_by_oid(value_lists, "ValueListDef", value_lists_);
  index_by_oid(where_clauses, "WhereClauseDef", where_clauses_);
  index_by_oid(codelists, "CodeList", codelists_);
  index_by_oid(methods, "MethodDef", methods_);
  index_by_oid(comments, "CommentDef", comments_);
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    if (dataset_names_.try_emplace(datasets[i].name, i).second) continue;
    problems.push_back({datasets[i].line, "dataset " + datasets[i].name + " is defined twice"});
  }
  check_references();
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
}

void Document::check_items(const std::vector<ItemRef>& refs) {
  for (const ItemRef& ref : refs) {
    if (!item(ref.item_oid)) problems.push_back({ref.line, "no ItemDef " + ref.item_oid});
    if (!ref.method_oid.empty() && !method(ref.method_oid))
      problems.push_back({ref.line, "no MethodDef " + ref.method_oid});
    for (const std::string& clause : ref.where_clause_oids) {
      if (!where_clause(clause)) problems.push_back({ref.line, "no WhereClauseDef " + clause});
    }
  }
}

void Document::check_references() {
  const auto need_comment = [&](const std::string& wanted, int line) {
    if (!wanted.empty() && !comment(wanted)) problems.push_back({line, "no CommentDef " + wanted});
  };
  const auto need_standard = [&](const std::string& wanted, int line) {
    if (!wanted.empty() && !standard(wanted)) problems.push_back({line, "no Standard " + wanted});
  };
  for (const ItemGroupDef& group : datasets) {
    check_items(group.items);
    need_comment(group.comment_oid, group.line);
    need_standard(group.standard_oid, group.line);
    if (!group.archive_location_id.empty() && !leaf(group.archive_location_id))
      problems.push_back({group.line, "no leaf " + group.archive_location_id});
  }
  for (const ValueList& list : value_lists) check_items(list.items);
  for (const ItemDef& one : items) {
    if (!one.codelist_oid.empty() && !codelist(one.codelist_oid))
      problems.push_back({one.line, "no CodeList " + one.codelist_oid});
    if (!one.value_list_oid.empty() && !value_list(one.value_list_oid))
      problems.push_back({one.line, "no ValueListDef " + one.value_list_oid});
    need_comment(one.comment_oid, one.line);
  }
  for (const WhereClause& clause : where_clauses) {
    need_comment(clause.comment_oid, clause.line);
    for (const RangeCheck& check : clause.checks) {
      if (!item(check.item_oid))
        problems.push_back({clause.line, "no ItemDef " + check.item_oid + " that the condition names"});
    }
  }
  for (const CodeList& list : codelists) {
    need_comment(list.comment_oid, list.line);
    need_standard(list.standard_oid, list.line);
  }
}

}  // namespace trialmill::formats::define
