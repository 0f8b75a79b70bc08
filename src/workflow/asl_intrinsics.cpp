#include "workflow/asl_intrinsics.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>

#include "base/text.hpp"
#include "workflow/asl_error.hpp"
#include "workflow/asl_path.hpp"

namespace trialmill::workflow::asl {

namespace {

using Arguments = std::vector<Json>;

TaskError wrong(const std::string& why) {
  return TaskError("States.IntrinsicFailure", why);
}

const std::string& text_at(const Arguments& in, std::size_t i) {
  if (!in[i].is_string()) throw wrong("argument " + std::to_string(i + 1) + " must be a string");
  return in[i].get_ref<const std::string&>();
}
const Json& list_at(const Arguments& in, std::size_t i) {
  if (!in[i].is_array()) throw wrong("argument " + std::to_string(i + 1) + " must be an array");
  return in[i];
}
/// Fractions are rounded half up, as the service does.
std::int64_t integer_at(const Arguments& in, std::size_t i) {
  if (in[i].is_number_integer()) return in[i].get<std::int64_t>();
  if (!in[i].is_number()) throw wrong("argument " + std::to_string(i + 1) + " must be a number");
  const double value = std::floor(in[i].get<double>() + 0.5);
  if (!(std::abs(value) < 9e18)) throw wrong("argument " + std::to_string(i + 1) + " is too large");
  return static_cast<std::int64_t>(value);
}

/// How the service shows a value inside a text: {a=1, b=[x, y]}, not JSON.
std::string shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return base::dump_json(value, -1);
  std::vector<std::string> parts;
  for (const auto& [key, item] : value.items()) {
    parts.push_back(value.is_object() ? key + "=" + shown(item) : shown(item));
  }
  return value.is_object() ? "{" + base::join(parts, ", ") + "}" : "[" + base::join(parts, ", ") + "]";
}

Json format(const Arguments& in) {
  const std::string& pattern = text_at(in, 0);
  std::string out;
  std::size_t next = 1;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size() && (pattern[i + 1] == '{' || pattern[i + 1] == '}')) {
      out += pattern[++i];
    } else if (pattern[i] == '{' && i + 1 < pattern.size() && pattern[i + 1] == '}') {
      if (next >= in.size()) throw wrong("States.Format has more placeholders than arguments");
      out += shown(in[next++]);
      ++i;
    } else {
      out += pattern[i];
    }
  }
  if (next != in.size()) throw wrong("States.Format has more arguments than placeholders");
  return out;
}

Json partition(const Arguments& in) {
  const Json& list = list_at(in, 0);
  const std::int64_t size = integer_at(in, 1);
  if (size <= 0) throw wrong("the chunk size must be a positive number");
  Json out = Json::array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (static_cast<std::int64_t>(i) % size == 0) out.push_back(Json::array());
    out.back().push_back(list[i]);
  }
  return out;
}

Json range(const Arguments& in) {
  const std::int64_t first = integer_at(in, 0), last = integer_at(in, 1), by = integer_at(in, 2);
  if (by == 0) throw wrong("the increment must not be 0");
  if ((static_cast<double>(last) - static_cast<double>(first)) / static_cast<double>(by) >= 1000) {
    throw wrong("a range has at most 1000 items");
  }
  Json out = Json::array();
  for (std::int64_t i = first; by > 0 ? i <= last : i >= last; i += by) out.push_back(i);
  return out;
}

Json unique(const Arguments& in) {
  Json out = Json::array();
  for (const auto& item : list_at(in, 0)) {
    if (std::none_of(out.begin(), out.end(), [&](const Json& seen) { return same_value(seen, item); })) {
      out.push_back(item);
    }
  }
  return out;
}

Json contains(const Arguments& in) {
  const Json& list = list_at(in, 0);
  return std::any_of(list.begin(), list.end(), [&](const Json& item) { return same_value(item, in[1]); });
}

Json item(const Arguments& in) {
  const Json& list = list_at(in, 0);
  const std::int64_t index = integer_at(in, 1);
  if (index < 0 || index >= static_cast<std::int64_t>(list.size())) {
    throw wrong("there is no element " + std::to_string(index));
  }
  return list[static_cast<std::size_t>(index)];
}

Json base64_encode(const Arguments& in) {
  const std::string& bytes = text_at(in, 0);
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Json base64_decode(const Arguments& in) {
  const std::string& text = text_at(in, 0);
  std::string out(text.size() + 4, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) throw wrong("the text is not Base64");
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

Json hash(const Arguments& in) {
  static const std::map<std::string, const EVP_MD* (*)()> algorithms = {{"MD5", EVP_md5},
                                                                        {"SHA-1", EVP_sha1},
                                                                        {"SHA-256", EVP_sha256},
                                                                        {"SHA-384", EVP_sha384},
                                                                        {"SHA-512", EVP_sha512}};
  const auto found = algorithms.find(text_at(in, 1));
  if (found == algorithms.end()) throw wrong("the algorithm is MD5, SHA-1, SHA-256, SHA-384 or SHA-512");
  const std::string bytes = in[0].is_string() ? in[0].get<std::string>() : base::dump_json(in[0], -1);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, found->second(), nullptr) != 1)
    throw wrong("hashing failed");
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += "0123456789abcdef"[digest[i] >> 4];
    out += "0123456789abcdef"[digest[i] & 15];
  }
  return out;
}

Json merge(const Arguments& in) {
  if (!in[0].is_object() || !in[1].is_object()) throw wrong("States.JsonMerge merges two objects");
  if (in[2] != false) throw wrong("States.JsonMerge merges only shallowly: the third argument must be false");
  Json out = in[0];
  for (const auto& [key, value] : in[1].items()) out[key] = value;
  return out;
}

Json random_number(const Arguments& in) {
  const std::int64_t low = integer_at(in, 0), high = integer_at(in, 1);
  if (low >= high) throw wrong("the second number must be larger than the first");
  std::mt19937_64 generator(in.size() == 3 ? static_cast<std::uint64_t>(integer_at(in, 2))
                                           : std::random_device{}());
  return std::uniform_int_distribution<std::int64_t>(low, high - 1)(generator);
}

Json split(const Arguments& in) {
  const std::string& text = text_at(in, 0);
  const std::string& separators = text_at(in, 1);
  Json out = Json::array();
  std::string part;
  for (const char c : text) {
    if (separators.find(c) == std::string::npos) {
      part += c;
    } else if (!part.empty()) {
      out.push_back(std::exchange(part, ""));
    }
  }
  if (!part.empty()) out.push_back(part);
  return out;
}

Json uuid(const Arguments&) {
  unsigned char b[16];
  if (RAND_bytes(b, sizeof b) != 1) throw wrong("no random numbers");
  b[6] = static_cast<unsigned char>((b[6] & 0x0F) | 0x40);
  b[8] = static_cast<unsigned char>((b[8] & 0x3F) | 0x80);
  std::string out;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += "0123456789abcdef"[b[i] >> 4];
    out += "0123456789abcdef"[b[i] & 15];
  }
  return out;
}

Json parse_text(const Arguments& in) {
  const std::string& text = text_at(in, 0);
  if (base::trim(text).empty()) return nullptr;
  Json out = Json::parse(text, nullptr, false);
  if (out.is_discarded()) throw wrong("the string is not JSON");
  return out;
}

struct Intrinsic {
  std::size_t least, most;
  std::function<Json(const Arguments&)> call;
};

const std::map<std::string, Intrinsic>& intrinsics() {
  static const std::map<std::string, Intrinsic> all = {
      {"States.Format", {1, 100, format}},
      {"States.StringToJson", {1, 1, parse_text}},
      {"States.JsonToString", {1, 1, [](const Arguments& in) { return base::dump_json(in[0], -1); }}},
      {"States.Array", {0, 1000, [](const Arguments& in) { return Json(in); }}},
      {"States.ArrayPartition", {2, 2, partition}},
      {"States.ArrayContains", {2, 2, contains}},
      {"States.ArrayRange", {3, 3, range}},
      {"States.ArrayGetItem", {2, 2, item}},
      {"States.ArrayLength", {1, 1, [](const Arguments& in) { return Json(list_at(in, 0).size()); }}},
      {"States.ArrayUnique", {1, 1, unique}},
      {"States.Base64Encode", {1, 1, base64_encode}},
      {"States.Base64Decode", {1, 1, base64_decode}},
      {"States.Hash", {2, 2, hash}},
      {"States.JsonMerge", {3, 3, merge}},
      {"States.MathRandom", {2, 3, random_number}},
      {"States.MathAdd",
       {2, 2, [](const Arguments& in) { return Json(integer_at(in, 0) + integer_at(in, 1)); }}},
      {"States.StringSplit", {2, 2, split}},
      {"States.UUID", {0, 0, uuid}}};
  return all;
}

}  // namespace

bool is_intrinsic(const std::string& name) {
  return intrinsics().count(name) > 0;
}

base::Json call_intrinsic(const std::string& name, const std::vector<base::Json>& arguments) {
  const auto found = intrinsics().find(name);
  if (found == intrinsics().end()) throw wrong("there is no function " + name);
  const auto& [least, most, call] = found->second;
  if (arguments.size() < least || arguments.size() > most) {
    throw wrong(name + " takes another number of arguments than " + std::to_string(arguments.size()));
  }
  return call(arguments);
}

}  // namespace trialmill::workflow::asl
