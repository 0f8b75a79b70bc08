#include "compare/attributes.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace trialmill::compare {
namespace {

using formats::DatasetMeta;
using formats::Storage;
using formats::Variable;

/// What a file says about its variables at all.
struct Says {
  bool types = false, labels = false, formats = false;
  explicit Says(const DatasetMeta& meta) {
    for (const auto& one : meta.variables) {
      types = types || one.storage == Storage::number || one.length > 0;
      labels = labels || !one.label.empty();
      formats = formats || !one.format.empty();
    }
  }
};

std::string type_of(const Variable& one) {
  return one.storage == Storage::number ? "num" : "char";
}

const Variable* find(const DatasetMeta& meta, const std::string& name) {
  for (const auto& one : meta.variables) {
    if (base::to_lower(one.name) == base::to_lower(name)) return &one;
  }
  return nullptr;
}

std::vector<std::string> common_order(const DatasetMeta& meta, const DatasetMeta& other) {
  std::vector<std::string> names;
  for (const auto& one : meta.variables) {
    if (find(other, one.name) != nullptr) names.push_back(base::to_upper(one.name));
  }
  return names;
}

}  // namespace

std::vector<AttributeDifference> attribute_differences(const DatasetMeta& base, const DatasetMeta& other,
                                                       const std::vector<std::string>& ignore) {
  std::vector<AttributeDifference> out;
  const auto ignored = [&](const std::string& name) {
    return std::ranges::any_of(
        ignore, [&](const std::string& one) { return base::to_lower(one) == base::to_lower(name); });
  };
  if (!base.label.empty() && !other.label.empty() && base.label != other.label)
    out.push_back({"label", "", base.label, other.label});
  const Says a(base), b(other);
  for (const auto& one : base.variables) {
    if (ignored(one.name)) continue;
    const Variable* twin = find(other, one.name);
    if (twin == nullptr) {
      out.push_back({"only_in_base", one.name, type_of(one), ""});
      continue;
    }
    if (one.name != twin->name) out.push_back({"name", one.name, one.name, twin->name});
    if (a.types && b.types && one.storage != twin->storage)
      out.push_back({"type", one.name, type_of(one), type_of(*twin)});
    if (one.length > 0 && twin->length > 0 && one.storage == twin->storage && one.length != twin->length)
      out.push_back({"length", one.name, std::to_string(one.length), std::to_string(twin->length)});
    if (a.labels && b.labels && one.label != twin->label)
      out.push_back({"label", one.name, one.label, twin->label});
    if (a.formats && b.formats && one.format != twin->format)
      out.push_back({"format", one.name, one.format, twin->format});
  }
  for (const auto& one : other.variables) {
    if (!ignored(one.name) && find(base, one.name) == nullptr)
      out.push_back({"only_in_other", one.name, "", type_of(one)});
  }
  const auto mine = common_order(base, other), theirs = common_order(other, base);
  if (mine != theirs) out.push_back({"order", "", base::join(mine, " "), base::join(theirs, " ")});
  return out;
}

}  // namespace trialmill::compare
