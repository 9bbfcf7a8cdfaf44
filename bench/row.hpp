#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/error.hpp"
#include "world.hpp"

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

/// How a row is measured: one line, or one for each of its references.
struct Bench {
  std::string row;
  std::string counts;  ///< In one line, what is counted.
  std::function<core::Result<std::vector<Row>>(World&)> run;
  std::string needs{};  ///< A program without which it can't be measured. Empty: none.
};

/// In the order of the table.
std::vector<Bench> benches();

std::vector<Bench> hop_benches();
std::vector<Bench> request_benches();
std::vector<Bench> publish_benches();
std::vector<Bench> life_benches();
std::vector<Bench> limits_benches();
std::vector<Bench> native_benches();
std::vector<Bench> memory_benches();
std::vector<Bench> instruction_benches();

}  // namespace airssys::bench
