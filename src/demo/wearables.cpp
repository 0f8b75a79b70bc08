#include "demo/wearables.hpp"

#include <fmt/format.h>

namespace trialmill::demo {

namespace {
constexpr int detailed_days = 7;  ///< days with hourly values
}

void Wearables::write(const Subject& subject) {
  switch (subject.device) {
    case Device::fitbit:
      write_fitbit(subject);
      break;
    case Device::oura:
      write_oura(subject);
      break;
    case Device::apple:
      write_apple(subject);
      break;
    case Device::none:
      break;
  }
}

void Wearables::write_fitbit(const Subject& subject) {
  Random random = subject.random(Purpose::device);
  const std::string suffix = date_text(subject.first_dose, DateStyle::iso) + ".json";
  OutputFile heart(folder_ / "fitbit" / (subject.number + "_heart_rate-" + suffix));
  OutputFile steps(folder_ / "fitbit" / (subject.number + "_steps-" + suffix));
  heart.write("[");
  steps.write("[");
  for (int hour = 0; hour < detailed_days * 24; ++hour) {
    const std::string date = fitbit_date(subject.first_dose + hour / 24);
    const bool night = hour % 24 < 7;
    const char* comma = hour == 0 ? "" : ",";
    const int second = random.below(3600);
    const int beats = random.around(night ? 60 : 82, 24);
    heart.write(fmt::format(
        "{}\n{{\"dateTime\":\"{} {:02}:{:02}:{:02}\",\"value\":{{\"bpm\":{},\"confidence\":{}}}}}", comma,
        date, hour % 24, second / 60, second % 60, beats, random.below(4)));
    steps.write(fmt::format("{}\n{{\"dateTime\":\"{} {:02}:00:00\",\"value\":\"{}\"}}", comma, date,
                            hour % 24, night ? 0 : random.below(900)));
    rows_ += 2;
  }
  heart.write("\n]\n");
  steps.write("\n]\n");
  heart.close();
  steps.close();
}

void Wearables::write_oura(const Subject& subject) {
  Random random = subject.random(Purpose::device);
  OutputFile file(folder_ / "oura" / (subject.number + "_oura.json"));
  file.write(fmt::format(
      "{{\"personal_info\":{{\"id\":\"{:016x}\",\"age\":{},\"weight\":{}.{},\"height\":{}.{:02},"
      "\"biological_sex\":\"female\",\"email\":\"{}\"}},\n",
      random.next(), (subject.consent - subject.birth) * 4 / 1461, subject.weight_g / 1000,
      subject.weight_g / 100 % 10, subject.height_mm / 1000, subject.height_mm / 10 % 100, subject.email));
  file.write(fmt::format(
      "\"ring_configuration\":{{\"data\":[{{\"id\":\"Oura{}\",\"hardware_type\":\"gen3\",\"size\":{}}}],"
      "\"next_token\":null}},\n\"sleep\":{{\"data\":[",
      subject.device_id, random.between(6, 12)));
  rows_ += 2;  // the person and the ring are records too
  for (Day day = subject.first_dose; day <= subject.last_dose; ++day) {
    const std::string date = date_text(day, DateStyle::iso);
    const std::uint64_t id = random.next();
    const int values[] = {random.around(60, 12),     random.around(42, 20),      random.around(84, 14),
                          random.around(4500, 1800), random.around(25000, 6000), random.below(60),
                          random.below(60)};
    file.write(
        fmt::format("{}\n{{\"id\":\"{:016x}\",\"day\":\"{}\",\"average_heart_rate\":{}.5,\"average_hrv\":{},"
                    "\"efficiency\":{},\"deep_sleep_duration\":{},\"total_sleep_duration\":{},"
                    "\"bedtime_start\":\"{}T00:{:02}:14-05:00\",\"bedtime_end\":\"{}T07:{:02}:14-05:00\"}}",
                    day == subject.first_dose ? "" : ",", id, date, values[0], values[1], values[2],
                    values[3], values[4], date, values[5], date, values[6]));
    ++rows_;
  }
  file.write("\n],\"next_token\":null}}\n");
  file.close();
}

void Wearables::write_apple(const Subject& subject) {
  Random random = subject.random(Purpose::device);
  OutputFile file(folder_ / "apple" / (subject.number + "_export.xml"));
  const auto iso = [](Day day) { return date_text(day, DateStyle::iso); };
  file.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<HealthData locale=\"en_US\">\n");
  file.write(fmt::format(" <ExportDate value=\"{} 07:27:26 -0500\"/>\n", iso(subject.last_contact)));
  file.write(
      fmt::format(" <Me HKCharacteristicTypeIdentifierDateOfBirth=\"{}\" "
                  "HKCharacteristicTypeIdentifierBiologicalSex=\"HKBiologicalSexFemale\"/>\n",
                  iso(subject.birth)));
  const auto record = [&](const char* type, const char* unit, int value, const std::string& start,
                          const std::string& end) {
    file.write(fmt::format(
        " <Record type=\"HKQuantityTypeIdentifier{}\" sourceName=\"{}’s Apple Watch\" "
        "device=\"&lt;&lt;HKDevice: 0x{}&gt;, name:Apple Watch&gt;\" unit=\"{}\" creationDate=\"{}\" "
        "startDate=\"{}\" endDate=\"{}\" value=\"{}\"/>\n",
        type, subject.first_name, subject.device_id, unit, end, start, end, value));
    ++rows_;
  };
  for (Day day = subject.first_dose; day <= subject.last_dose; ++day) {
    record("StepCount", "count", random.around(6500, 5000), iso(day) + " 06:00:00 -0500",
           iso(day) + " 22:00:00 -0500");
    if (day >= subject.first_dose + detailed_days) continue;
    for (int hour = 0; hour < 24; ++hour) {
      const std::string time = fmt::format("{} {:02}:{:02}:00 -0500", iso(day), hour, random.below(60));
      record("HeartRate", "count/min", random.around(hour < 7 ? 58 : 80, 22), time, time);
    }
  }
  file.write("</HealthData>\n");
  file.close();
}

}  // namespace trialmill::demo
