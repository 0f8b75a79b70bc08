// A JSON document that is no plain array of records: an export of an app, an answer of an API.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace trialmill::formats {

/// A record: the dataset's name and the object's text; false = no more wanted.
using TakeJsonRecord = std::function<bool(const std::string& dataset, std::string_view object)>;

/// Gives every record of the document `file`: every array of objects below its keys is a dataset called by
/// the keys; what stands in objects beside them is a dataset of one record, called `root` at the top. "" or
/// why it is no JSON. The whole document is in memory.
std::string walk_json_document(const std::string& file, const std::string& root, const TakeJsonRecord& take);

}  // namespace trialmill::formats
