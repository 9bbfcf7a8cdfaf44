#include "report.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace airssys::bench {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", *value) : "-";
}

/// Rates are better when they are larger, all else when it is smaller.
bool is_rate(const Row& row) {
  return row.unit.ends_with("/s");
}

std::string verdict_of(const Row& row) {
  if (!row.target) return "";
  const double measured = row.ratio.value_or(row.value);
  return (is_rate(row) ? measured >= *row.target : measured <= *row.target) ? "ok" : "missed";
}

Json json_of(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_of(const Row& row) {
  return {{"row", row.row},
          {"value", row.value},
          {"unit", row.unit},
          {"reference", row.reference.empty() ? Json(nullptr) : Json(row.reference)},
          {"reference_value", json_of(row.reference_value)},
          {"ratio", json_of(row.ratio)},
          {"target", json_of(row.target)}};
}

std::optional<double> number_of(const Json& value) {
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

Row row_of(const Json& json) {
  return {.row = json.at("row").get<std::string>(),
          .value = json.at("value").get<double>(),
          .unit = json.at("unit").get<std::string>(),
          .reference = json.at("reference").is_string() ? json.at("reference").get<std::string>() : std::string{},
          .reference_value = number_of(json.at("reference_value")),
          .ratio = number_of(json.at("ratio")),
          .target = number_of(json.at("target"))};
}

/// What of a row is compared with earlier runs.
double measure_of(const Row& row) {
  return row.unit == kInstructions ? row.value : row.ratio.value_or(row.value);
}

std::string change_of(const Row& row, const Earlier& earlier) {
  const auto before = earlier.find({row.row, row.reference});
  if (before == earlier.end()) return fmt::format("{:>10} {:>8}", "-", "new");
  const double was = measure_of(before->second);
  const std::string change = was > 0 ? fmt::format("{:+.1f} %", (measure_of(row) / was - 1) * 100) : "-";
  return fmt::format("{:>10.2f} {:>8}{}", was, change, has_regressed(row, earlier) ? "  more than before" : "");
}

core::Error error_of(core::ErrorCode code, const std::filesystem::path& file, std::string_view what) {
  return {code, "bench", fmt::format("{}: {}", file.string(), what)};
}

}  // namespace

Row compared(std::string row, double value, std::string unit, std::string reference, double reference_value,
             std::optional<double> target) {
  return {.row = std::move(row),
          .value = value,
          .unit = std::move(unit),
          .reference = std::move(reference),
          .reference_value = reference_value,
          .ratio = value / reference_value,
          .target = target};
}

bool has_regressed(const Row& row, const Earlier& earlier) {
  constexpr double kNoise = 1.01;
  const auto before = earlier.find({row.row, row.reference});
  return row.unit == kInstructions && before != earlier.end() && row.value > before->second.value * kNoise;
}

std::string heading(const Earlier& earlier) {
  std::string text = fmt::format("{:<28} {:>12} {:<12} {:<29} {:>12} {:>7} {:>7} {:<7}", "row", "value", "unit", "reference",
                                 "its value", "ratio", "target", "");
  if (!earlier.empty()) text += fmt::format("{:>10} {:>8}", "was", "change");
  return text;
}

std::string line(const Row& row, const Earlier& earlier) {
  std::string text = fmt::format("{:<28} {:>12.2f} {:<12} {:<29} {:>12} {:>7} {:>7} {:<7}", row.row, row.value, row.unit,
                                 row.reference.empty() ? "-" : row.reference, text_of(row.reference_value), text_of(row.ratio),
                                 text_of(row.target), verdict_of(row));
  if (!earlier.empty()) text += change_of(row, earlier);
  return text;
}

core::Result<void> save(const std::filesystem::path& file, const std::vector<Row>& rows) {
  Json all = Json::array();
  for (const Row& row : rows) all.push_back(json_of(row));
  std::ofstream out(file);
  out << all.dump(2) << '\n';
  out.close();
  if (!out) return std::unexpected(error_of(core::ErrorCode::io, file, "can't be written: choose another file"));
  return {};
}

core::Result<Earlier> load(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return std::unexpected(error_of(core::ErrorCode::io, file, "can't be read: expected what --json wrote"));
  try {
    Earlier earlier;
    for (const Json& json : Json::parse(in)) {
      Row row = row_of(json);
      std::pair key(row.row, row.reference);
      earlier.emplace(std::move(key), std::move(row));
    }
    return earlier;
  } catch (const nlohmann::json::exception& thrown) {
    return std::unexpected(
        error_of(core::ErrorCode::invalid, file, fmt::format("expected what --json wrote: {}", thrown.what())));
  }
}

}  // namespace airssys::bench
