// What datasets.json says about a dataset beyond names and types: the words of the mapping that go into
// define.xml. A derived variable without a method of its own gets one made of its `rule`. Every key is
// optional; one of another shape than expected counts as absent.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace trialmill::publish {

struct MethodWords {
  std::string description;          ///< a sentence for people
  std::string expression, context;  ///< the text that computes, and its language
};

struct OriginWords {
  std::string type;         ///< Collected, Derived, Assigned, Protocol, Predecessor, Not Available
  std::string source;       ///< Investigator, Sponsor, Subject, Vendor
  std::string predecessor;  ///< DM.RFSTDTC
  std::string pages;        ///< of the annotated CRF: "12 13", or named destinations
};

/// A variable, or a value: a variable under conditions.
struct ItemWords {
  std::string name, label, role, codelist, format, comment;
  std::optional<bool> mandatory;
  OriginWords origin;
  std::optional<MethodWords> method;
};

struct Condition {
  std::string variable, comparator;  ///< EQ NE LT LE GT GE IN NOTIN
  std::vector<std::string> values;
};

struct ValueWords {
  ItemWords item;  ///< name: the variable
  std::vector<Condition> where;
};

struct DatasetWords {
  std::string label, class_name, structure, comment;
  std::optional<bool> repeating, reference;
  bool nonstandard = false;
  std::vector<std::string> keys;
  std::map<std::string, ItemWords> variables;
  std::vector<ValueWords> values;
  std::map<std::string, ItemWords> qualifiers;  ///< of a supplemental dataset, by QNAM
};

DatasetWords read_words(const base::Json& entry);

}  // namespace trialmill::publish
