#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace airssys::bench {

/// One line of the table, one object of the JSON. The target is the most that the ratio may be; the most that the value may
/// be where there is no ratio. Of a rate (a unit that ends in `/s`) it is the least.
struct Row {
  std::string row;
  double value = 0;
  std::string unit;
  std::string reference{};
  std::optional<double> reference_value{};
  std::optional<double> ratio{};
  std::optional<double> target{};
};

/// A row beside a reference: what it took, what the reference took, and their ratio.
Row compared(std::string row, double value, std::string unit, std::string reference, double reference_value,
             std::optional<double> target);

/// The unit of rows that count those. They vary by a few in ten thousand, on a busy machine too, so a change of theirs means
/// something.
inline constexpr std::string_view kInstructions = "instructions";

}  // namespace airssys::bench
