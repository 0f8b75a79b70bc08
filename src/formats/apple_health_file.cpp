#include "formats/apple_health_file.hpp"

#include <array>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "formats/json_text.hpp"
#include "formats/mapped_file.hpp"
#include "formats/text_batch.hpp"
#include "formats/xml_push.hpp"
#include "formats/zip_archive.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

/// An element of the export's document type (versions 3 to 14) and its attributes. Elements inside of others
/// point to them by `parent`, the number of the record there.
struct Element {
  const char* name;
  std::vector<const char*> attributes;
};

const std::vector<Element>& elements() {
  static const std::vector<Element> all{
      {"Record",
       {"type", "sourceName", "sourceVersion", "device", "unit", "creationDate", "startDate", "endDate",
        "value"}},
      {"Correlation",
       {"type", "sourceName", "sourceVersion", "device", "creationDate", "startDate", "endDate"}},
      {"CorrelationRecord",
       {"type", "sourceName", "sourceVersion", "device", "unit", "creationDate", "startDate", "endDate",
        "value"}},
      {"Workout",
       {"workoutActivityType", "duration", "durationUnit", "totalDistance", "totalDistanceUnit",
        "totalEnergyBurned", "totalEnergyBurnedUnit", "sourceName", "sourceVersion", "device", "creationDate",
        "startDate", "endDate"}},
      {"WorkoutActivity", {"uuid", "startDate", "endDate", "duration", "durationUnit"}},
      {"WorkoutEvent", {"type", "date", "duration", "durationUnit"}},
      {"WorkoutStatistics", {"type", "startDate", "endDate", "average", "minimum", "maximum", "sum", "unit"}},
      {"WorkoutRoute", {"sourceName", "sourceVersion", "device", "creationDate", "startDate", "endDate"}},
      {"FileReference", {"path"}},
      {"ActivitySummary",
       {"dateComponents", "activeEnergyBurned", "activeEnergyBurnedGoal", "activeEnergyBurnedUnit",
        "appleMoveTime", "appleMoveTimeGoal", "appleMoveMinutes", "appleMoveMinutesGoal", "appleExerciseTime",
        "appleExerciseTimeGoal", "appleStandHours", "appleStandHoursGoal"}},
      {"ClinicalRecord",
       {"type", "identifier", "sourceName", "sourceURL", "fhirVersion", "receivedDate", "resourceFilePath"}},
      {"Audiogram",
       {"type", "sourceName", "sourceVersion", "device", "creationDate", "startDate", "endDate"}},
      {"SensitivityPoint",
       {"frequencyValue", "frequencyUnit", "leftEarValue", "leftEarUnit", "rightEarValue", "rightEarUnit"}},
      {"VisionPrescription", {"type", "dateIssued", "expirationDate", "brand"}},
      {"InstantaneousBeatsPerMinute", {"bpm", "time"}},
      {"Me",
       {"HKCharacteristicTypeIdentifierDateOfBirth", "HKCharacteristicTypeIdentifierBiologicalSex",
        "HKCharacteristicTypeIdentifierBloodType", "HKCharacteristicTypeIdentifierFitzpatrickSkinType",
        "HKCharacteristicTypeIdentifierCardioFitnessMedicationsUse"}},
      {"ExportDate", {"value"}},
      {"Other", {"element"}}};
  return all;
}

constexpr std::size_t parent_column = 0;

/// Which dataset an element belongs to, by name and parent.
class Places {
 public:
  Places() {
    for (std::size_t d = 0; d < elements().size(); ++d) by_name_[elements()[d].name] = d;
  }
  std::size_t of(std::string_view name, bool in_correlation) const {
    if (in_correlation && name == "Record") name = "CorrelationRecord";
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? elements().size() - 1 : found->second;
  }

 private:
  std::map<std::string_view, std::size_t, std::less<>> by_name_;
};

class HealthEvents : public XmlEvents {
 public:
  using Consume = std::function<bool(std::size_t, const Batch&)>;

  HealthEvents(std::size_t wanted, const Consume& consume) : wanted_(wanted), consume_(consume) {
    for (const auto& element : elements()) batches_.emplace_back(element.attributes.size() + 3);
  }
  bool stopped() const { return !more_; }
  void finish() {
    close_row();
    for (std::size_t d = 0; d < batches_.size() && more_; ++d) give(d);
  }

  void start(std::string_view name, std::string_view, const XmlAttributes& attributes) override {
    ++depth_;
    if (depth_ == 1) {
      if (name != "HealthData")
        throw base::Error("TM1332", "the file is no health export", {std::string(name)});
      return;
    }
    if (name == "MetadataEntry" && !open_.empty()) {
      add_metadata(attributes);
      return;
    }
    // Wrappers without attributes (HeartRateVariabilityMetadataList) only hold others.
    if (attributes.size() == 0 && depth_ > 2) return;
    const bool in_correlation = !open_.empty() && open_.back().element == correlation_;
    add_row(places_.of(name, in_correlation), name, attributes);
  }

  void end(std::string_view) override {
    if (!open_.empty() && open_.back().depth == depth_) {
      close_row();
      open_.pop_back();
    }
    --depth_;
  }
  void text(std::string_view) override {}

 private:
  struct Open {
    std::size_t element = 0;
    int depth = 0;
    std::int64_t row = 0;
    std::string metadata;
    bool pending = false;  ///< its row is in the batch (the last one there) and can still get metadata
  };

  bool is_wanted(std::size_t element) const { return wanted_ == SIZE_MAX || wanted_ == element; }

  /// The row of the element that ends is complete: metadata may stand before and behind elements inside.
  void close_row() {
    if (open_.empty() || !open_.back().pending) return;
    Open& last = open_.back();
    last.pending = false;
    if (!last.metadata.empty())
      batches_[last.element].set(elements()[last.element].attributes.size() + 1, last.metadata + "}");
    if (batches_[last.element].is_full()) give(last.element);
  }

  void add_row(std::size_t element, std::string_view name, const XmlAttributes& attributes) {
    Open row;
    row.element = element;
    row.depth = depth_;
    row.row = ++counts_[element];
    const std::int64_t parent = open_.empty() ? 0 : open_.back().row;
    if (is_wanted(element)) {
      TextBatch& batch = batches_[element];
      batch.start_row();
      if (parent > 0) batch.set(parent_column, std::to_string(parent));
      fill(element, name, attributes, batch);
      row.pending = true;
    }
    open_.push_back(std::move(row));
  }

  void fill(std::size_t element, std::string_view name, const XmlAttributes& attributes, TextBatch& batch) {
    const auto& known = elements()[element].attributes;
    std::string others;
    std::size_t guess = 0;  // attributes nearly always come in the order of the document type
    if (element + 1 == elements().size()) batch.set(1, name);
    for (int i = 0; i < attributes.size(); ++i) {
      const std::string_view attribute = attributes.name(i);
      std::size_t at = guess;
      while (at < known.size() && attribute != known[at]) ++at;
      if (at == known.size()) {
        at = 0;
        while (at < known.size() && attribute != known[at]) ++at;
      }
      if (at < known.size()) {
        batch.set(at + 1, attributes.value(i));
        guess = at + 1;
      } else {
        others += others.empty() ? "{" : ",";
        append_json_text(others, attribute);
        others += ":";
        append_json_text(others, attributes.value(i));
      }
    }
    if (!others.empty()) batch.set(known.size() + 2, others + "}");
  }

  void add_metadata(const XmlAttributes& attributes) {
    if (!open_.back().pending) return;
    std::string& out = open_.back().metadata;
    out += out.empty() ? "{" : ",";
    append_json_text(out, attributes.find("key"));
    out += ":";
    append_json_text(out, attributes.find("value"));
  }

  void give(std::size_t element) {
    if (more_) more_ = batches_[element].give([&](const Batch& batch) { return consume_(element, batch); });
  }

  const Places places_;
  const std::size_t correlation_ = places_.of("Correlation", false);
  std::size_t wanted_;
  const Consume& consume_;
  std::vector<TextBatch> batches_;
  std::map<std::size_t, std::int64_t> counts_;
  std::vector<Open> open_;
  int depth_ = 0;
  bool more_ = true;
};

class AppleHealth : public DatasetFile {
 public:
  explicit AppleHealth(const fs::path& file) : place_(file.string()) {
    if (base::to_lower(file.extension().string()) == ".zip")
      open_archive(file);
    else
      mapped_.emplace(file);
    for (const auto& element : elements()) describe(element);
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  void read(std::size_t dataset, const BatchConsumer& consume) override {
    parse(dataset, [&](std::size_t, const Batch& batch) { return consume(batch); });
  }
  void read_all(const std::function<bool(std::size_t, const Batch&)>& consume) override {
    parse(SIZE_MAX, consume);
  }

 private:
  void open_archive(const fs::path& file) {
    archive_.emplace(file);
    for (const auto& entry : archive_->entries()) {
      const std::string name = entry.name.substr(entry.name.rfind('/') + 1);
      if (name == "export.xml" || name == "Export.xml") entry_ = &entry;
    }
    if (entry_ != nullptr) return;
    // The file's name is translated: the one XML file that is not the clinical one.
    for (const auto& entry : archive_->entries()) {
      if (entry.name.ends_with(".xml") && entry.name.find("_cda") == std::string::npos) entry_ = &entry;
    }
    if (entry_ == nullptr)
      throw base::Error("TM1332", "the archive holds no export.xml", {place_},
                        "export all health data again");
  }

  void describe(const Element& element) {
    DatasetMeta meta;
    meta.name = element.name;
    meta.encoding = "utf-8";
    const auto add = [&](const std::string& name) {
      Variable variable;
      variable.name = name;
      meta.variables.push_back(std::move(variable));
    };
    add("parent");
    for (const char* name : element.attributes) add(name);
    add("metadata");
    add("other_attributes");
    datasets_.push_back(std::move(meta));
  }

  void parse(std::size_t wanted, const HealthEvents::Consume& consume) {
    HealthEvents events(wanted, consume);
    XmlPush xml(events, place_, "TM1333", true);
    const auto feed = [&](std::string_view piece) {
      base::check_stop();
      xml.feed(piece);
      return !events.stopped();
    };
    if (archive_) {
      archive_->read(*entry_, feed);
    } else {
      for (std::string_view rest = mapped_->bytes(); !rest.empty();
           rest.remove_prefix(std::min<std::size_t>(rest.size(), 1U << 20U))) {
        if (!feed(rest.substr(0, 1U << 20U))) break;
        mapped_->forget(rest.data());
      }
    }
    if (events.stopped()) return;
    xml.finish();
    events.finish();
  }

  std::string place_;
  std::optional<MappedFile> mapped_;
  std::optional<ZipArchive> archive_;
  const ZipArchive::Entry* entry_ = nullptr;
  std::vector<DatasetMeta> datasets_;
};

}  // namespace

std::unique_ptr<DatasetFile> open_apple_health(const fs::path& file) {
  return std::make_unique<AppleHealth>(file);
}

bool is_apple_health(std::string_view start) {
  return start.find("<HealthData") != std::string_view::npos ||
         start.find("<!DOCTYPE HealthData") != std::string_view::npos;
}

}  // namespace trialmill::formats
