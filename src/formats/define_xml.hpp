// Define-XML 2.0 and 2.1 (and the parts of 1.0 that mean the same): what a sponsor says about the datasets of
// a submission. Reading is lenient about vendors' extensions; what is inconsistent is listed as a problem,
// and only a file that is no Define-XML, or damaged, is an Error. Example:
//
//   const define::Document doc = define::read("define.xml");
//   const define::ItemDef* sex = doc.variable("DM", "SEX");
//   const define::CodeList* list = doc.codelist(sex->codelist_oid);
//   list->nci_code                                        → "C66731"
//
// Names follow the Define-XML specification; "OID" fields refer to elements elsewhere in the document.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trialmill::formats::define {

/// def:Standard (2.1); from 2.0 and 1.0, one of type IG made of def:StandardName and def:StandardVersion.
struct Standard {
  std::string oid, name, type, publishing_set, version, status, comment_oid;  ///< type: IG or CT
};

/// A document beside the datasets, or the dataset's own file.
struct Leaf {
  std::string id, href, title;
};

/// def:PDFPageRef: either `pages` ("4 7 9", or named destinations) or first and last page.
struct PageRef {
  std::string type, pages, first_page, last_page, title;
};

struct DocumentRef {
  std::string leaf_id;
  std::vector<PageRef> pages;
};

struct Origin {
  std::string type;    ///< Assigned, Collected, CRF, Derived, Predecessor, Protocol …
  std::string source;  ///< Investigator, Sponsor, Subject, Vendor (2.1)
  std::string description;
  std::vector<DocumentRef> documents;
};

/// A variable in a dataset, or a value in a value list.
struct ItemRef {
  std::string item_oid;
  std::optional<int> order_number, key_sequence;
  bool mandatory = false, has_no_data = false, is_non_standard = false;
  std::string role, role_codelist_oid, method_oid;
  std::vector<std::string> where_clause_oids;  ///< value lists only; any of them may hold
  int line = 0;
};

struct ItemDef {
  std::string oid, name, data_type, label;
  std::optional<int> length, significant_digits;
  std::string display_format, sas_field_name, codelist_oid, value_list_oid, comment_oid;
  std::vector<Origin> origins;  ///< one in 2.0, several allowed in 2.1
  std::string comment;          ///< 1.0 only: the text itself
  int line = 0;
};

/// A dataset.
struct ItemGroupDef {
  std::string oid, name, domain, label, class_name, structure, purpose, sas_dataset_name;
  std::vector<std::string> subclasses;
  bool repeating = false, is_reference_data = false, has_no_data = false, is_non_standard = false;
  std::string standard_oid, comment_oid, archive_location_id;
  std::string parent_label;  ///< Alias DomainDescription: label of the domain that a split dataset belongs to
  std::vector<ItemRef> items;
  std::vector<Leaf> leaves;
  int line = 0;

  /// OIDs of the key variables, by KeySequence.
  std::vector<std::string> key_oids() const;
};

/// def:ValueListDef: definitions of a variable's values, by condition.
struct ValueList {
  std::string oid, description;
  std::vector<ItemRef> items;
  int line = 0;
};

struct RangeCheck {
  std::string comparator;  ///< EQ NE LT LE GT GE IN NOTIN
  std::string item_oid, soft_hard;
  std::vector<std::string> values;
};

/// All checks must hold.
struct WhereClause {
  std::string oid, comment_oid;
  std::vector<RangeCheck> checks;
  int line = 0;
};

/// CodeListItem (with decode) or EnumeratedItem.
struct CodedItem {
  std::string value, decode, nci_code, rank;
  std::optional<int> order_number;
  bool extended = false;  ///< a sponsor's own term in an extensible codelist
  int line = 0;
};

struct ExternalDictionary {
  std::string dictionary, version, ref, href;  ///< MedDRA, WHODrug …
};

struct CodeList {
  std::string oid, name, data_type, sas_format_name, standard_oid, comment_oid, nci_code;
  bool is_non_standard = false;
  std::vector<CodedItem> items;
  std::optional<ExternalDictionary> external;
  int line = 0;

  const CodedItem* find(std::string_view value) const;
};

struct Method {
  std::string oid, name, type, description;  ///< type: Computation or Imputation
  struct Expression {
    std::string context, code;
  };
  std::vector<Expression> expressions;
  std::vector<DocumentRef> documents;
  int line = 0;
};

struct Comment {
  std::string oid, text;
  std::vector<DocumentRef> documents;
  int line = 0;
};

/// Something inconsistent in a file that can be read all the same.
struct Problem {
  int line = 0;
  std::string message;
};

class Document {
 public:
  std::string file_oid, context, creation_time, originator, source_system, source_system_version;
  std::string study_oid, study_name, study_description, protocol_name;
  std::string oid, name, description, comment_oid;  ///< of the MetaDataVersion
  std::string define_version;                       ///< 2.1.0, as stated
  std::vector<Standard> standards;
  std::vector<DocumentRef> annotated_crf, supplemental_documents;
  std::vector<ValueList> value_lists;
  std::vector<WhereClause> where_clauses;
  std::vector<ItemGroupDef> datasets;
  std::vector<ItemDef> items;
  std::vector<CodeList> codelists;
  std::vector<Method> methods;
  std::vector<Comment> comments;
  std::vector<Leaf> leaves;
  std::vector<Problem> problems;  ///< by line

  // Each gives nullptr if there is none.
  const ItemGroupDef* dataset(std::string_view name) const;
  const ItemDef* item(std::string_view oid) const;
  /// The definition of a dataset's variable, by names.
  const ItemDef* variable(std::string_view dataset, std::string_view variable) const;
  const ItemRef* variable_ref(std::string_view dataset, std::string_view variable) const;
  const ValueList* value_list(std::string_view oid) const;
  const WhereClause* where_clause(std::string_view oid) const;
  const CodeList* codelist(std::string_view oid) const;
  const Method* method(std::string_view oid) const;
  const Comment* comment(std::string_view oid) const;
  const Standard* standard(std::string_view oid) const;
  const Leaf* leaf(std::string_view id) const;

  /// Makes the look-ups above work and lists duplicate OIDs and references that lead nowhere. Called by
  /// read().
  void index();

 private:
  using Index = std::unordered_map<std::string, std::size_t>;
  template <class T>
  void index_by_oid(const std::vector<T>& all, const std::string& kind, Index& into);
  void check_references();
  void check_items(const std::vector<ItemRef>& refs);
  Index dataset_names_, items_, value_lists_, where_clauses_, codelists_, methods_, comments_;
};

/// Errors: TM1001 (cannot be read), TM1360 (not well-formed, cut off, declares a document type, over 256
/// MiB), TM1361 (no Define-XML: another root, no MetaDataVersion or two of them, no def:DefineVersion),
/// TM1362 (an element lacks the OID or name without which nothing can refer to it). With the line.
Document read(const std::filesystem::path& file);
/// The same from memory; `name` stands for the file in messages.
Document parse(std::string_view text, const std::string& name);

}  // namespace trialmill::formats::define
