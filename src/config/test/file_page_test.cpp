// docs/system-file.md and docs/component-file.md against the lines that the parser reads by: a key without a line does not
// parse (the reader asserts it), a line that no page has, or a row that no line has, fails here. To write the tables anew:
//
//     AIRSSYS_WRITE_PAGES=1 build/dev/bin/airssys_config_test --gtest_filter='FilePages.*'
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/config/component_manifest.hpp"
#include "airssys/config/limit_keys.hpp"
#include "airssys/config/system_file.hpp"
#include "airssys/core/units.hpp"
#include "file_keys.hpp"

namespace airssys::config {
namespace {

enum class File { system, component };

/// A table of a file, and what must be in the file for each of its keys to be right.
struct Table {
  File file;
  std::string_view name;  ///< As the page names it.
  FileKeys keys;
  std::string_view before;  ///< Up to and with the table's header.
  std::string_view after;   ///< Of other tables.
  std::map<std::string_view, std::string_view> values;
};

constexpr std::string_view kActors =
    "\n[[actor]]\naddress = \"demo/counter/1\"\ncomponent = \"./c\"\n"
    "[[actor]]\naddress = \"demo/split/1\"\ncomponent = \"./s\"\n[[supervisor]]\nname = \"pipeline\"\n";
constexpr std::string_view kComponent = "\n[component]\nname = \"counter\"\nversion = \"1.0.0\"\n";

std::vector<Table> tables() {
  return {
      {File::system, "the file", system_file_keys(), "", "", {}},
      {File::system, "[system]", system_keys(), "[system]\n", "", {}},
      {File::system, "limits", limits_keys(), "[defaults]\n", "", {}},
      {File::system, "[[supervisor]]", supervisor_keys(), "[[supervisor]]\n", "", {{"name", "\"a\""}}},
      {File::system,
       "[[actor]]",
       actor_keys(),
       "[[supervisor]]\nname = \"pipeline\"\n[[actor]]\n",
       "",
       {{"address", "\"demo/counter/1\""}, {"component", "\"./c\""}}},
      {File::system,
       "a secret",
       secret_keys(),
       "[[actor]]\naddress = \"demo/counter/1\"\ncomponent = \"./c\"\n[actor.secrets.api-key]\n",
       "",
       {}},
      {File::system,
       "[[grant]]",
       grant_keys(),
       "[[grant]]\n",
       "",
       {{"from", "\"demo/split/*\""}, {"to", "\"demo/counter/*\""}, {"allow", "[\"send\"]"}}},
      {File::system,
       "[[subscription]]",
       subscription_keys(),
       "[[subscription]]\n",
       kActors,
       {{"topic", "\"words.#\""}, {"actor", "\"demo/counter/*\""}}},
      {File::system,
       "[[gateway]]",
       gateway_keys(),
       "[[gateway]]\n",
       kActors,
       {{"kind", "\"lines\""}, {"path", "\"-\""}, {"to", "\"demo/split/*\""}, {"spread", "\"hash\""}, {"key", "\"field 1\""}}},
      {File::component, "the file", component_file_keys(), "", "", {}},
      {File::component, "[component]", component_keys(), "[component]\n", "", {{"name", "\"a\""}, {"version", "\"1.0.0\""}}},
      {File::component, "[config.NAME]", setting_keys(), "[config.top]\n", kComponent, {{"type", "\"integer\""}}},
      {File::component, "[wants]", wants_keys(), "[wants]\n", kComponent, {}},
  };
}

/// A file with `value` for the key. What does not go with the key is left out, and what it needs is there.
std::string text_with(const Table& table, std::string_view key, std::string_view value) {
  std::map<std::string_view, std::string_view> values = table.values;
  if (key == "topic" && table.name == "[[grant]]") {
    values.erase("to");
    values["allow"] = "[\"publish\"]";
  }
  if (key == "idle" || key.starts_with("max_live") || key.starts_with("max_names")) values["address"] = "\"demo/counter/*\"";
  values[key] = value;
  std::string text(table.before);
  for (const auto& [name, written] : values) text += fmt::format("{} = {}\n", name, written);
  text += table.after;
  if (table.file == File::system && table.name == "the file" && key == "subscription") text += kActors;
  return text;
}

std::string whole_file(const Table& table, const FileKey& key, std::string_view value) {
  std::string text = text_with(table, key.name, value);
  const bool names_component = table.file == File::component && table.name == "the file" && key.name != "component";
  return names_component ? text + std::string(kComponent) : text;
}

Problems problems_of(File file, const std::string& text) {
  if (file == File::system) {
    const auto system = parse_system(text, "system.toml");
    return system ? Problems{} : system.error();
  }
  const auto component = parse_component_manifest(text, "component.toml");
  return component ? Problems{} : component.error();
}

TEST(FileKeys, have_examples_that_the_parser_takes) {
  for (const Table& table : tables()) {
    for (const FileKey& key : table.keys) {
      const std::string text = whole_file(table, key, key.example);
      EXPECT_EQ(to_string(problems_of(table.file, text)), "") << text;
    }
  }
}

TEST(FileKeys, say_what_they_take_in_the_words_of_the_parser) {
  for (const Table& table : tables()) {
    for (const FileKey& key : table.keys) {
      const std::string text = whole_file(table, key, "1979-05-27");
      const Problems problems = problems_of(table.file, text);
      ASSERT_FALSE(problems.empty()) << text;
      const bool says_so = std::ranges::any_of(problems, [&](const Problem& problem) {
        return problem.message.ends_with("is a date or time") && problem.expected == key.type;
      });
      EXPECT_TRUE(says_so) << text << to_string(problems) << "\nand not: " << key.type;
    }
  }
}

TEST(FileKeys, are_unknown_in_other_tables) {
  for (const Table& table : tables()) {
    const std::string text = text_with(table, "no_such_key", "1");
    EXPECT_NE(to_string(problems_of(table.file, text)).find("unknown key \"no_such_key\""), std::string::npos) << text;
  }
}

/// Refused by `unsupported`, and only what says so.
TEST(FileKeys, say_what_this_version_does_not_serve) {
  for (const Table& table : tables()) {
    const bool holds_tables = table.name == "the file";
    for (const FileKey& key : table.keys) {
      if (holds_tables) continue;
      const std::string text = whole_file(table, key, key.example);
      const bool is_refused = table.file == File::system
                                  ? !unsupported(parse_system(text, "system.toml").value()).empty()
                                  : !unsupported(parse_component_manifest(text, "component.toml").value()).empty();
      EXPECT_EQ(is_refused, !key.is_served) << text;
    }
  }
}

std::string usual(FileKeys keys, std::string_view name) {
  const auto key = std::ranges::find(keys, name, &FileKey::name);
  if (key == keys.end()) return "no such key";
  std::string text(key->usual);
  std::erase(text, '`');
  return text;
}

TEST(FileKeys, have_the_defaults_of_the_parser) {
  const SupervisorEntry supervisor{.name = "a"};
  EXPECT_EQ(usual(supervisor_keys(), "strategy"), name_of(supervisor.strategy));
  EXPECT_EQ(usual(supervisor_keys(), "max_restarts"), fmt::format("{}", supervisor.restart.max_restarts));
  EXPECT_EQ(core::parse_duration(usual(supervisor_keys(), "window")).value(), supervisor.restart.window);
  EXPECT_EQ(core::parse_duration(usual(supervisor_keys(), "backoff")).value(), supervisor.restart.backoff);
  EXPECT_EQ(core::parse_duration(usual(supervisor_keys(), "backoff_max")).value(), supervisor.restart.backoff_max);
  const SystemFile system = parse_system(kActors, "system.toml").value();
  EXPECT_EQ(usual(system_keys(), "name"), system.name);
  EXPECT_EQ(usual(system_keys(), "data"), system.data);
  EXPECT_EQ(usual(actor_keys(), "instances"), fmt::format("{}", system.actors.at(0).instances));
  EXPECT_EQ(usual(actor_keys(), "profile"), core::name_of(system.actors.at(0).profile));
  EXPECT_EQ(usual(actor_keys(), "durable"), system.actors.at(0).durable ? "true" : "false");
  const core::Address nobody = core::operator_address();
  const GatewayEntry gateway{.address = nobody};
  EXPECT_EQ(usual(gateway_keys(), "spread"), name_of(gateway.spread));
  EXPECT_EQ(usual(gateway_keys(), "codec"), core::to_string(gateway.codec));
}

TEST(FileKeys, have_the_limits_that_the_parser_has_with_their_defaults) {
  const LimitsPatch defaults = as_patch(core::Limits{});
  const auto limits = limit_keys();
  ASSERT_EQ(limits.size(), limits_keys().size());
  for (std::size_t i = 0; i < limits.size(); ++i) {
    EXPECT_EQ(limits[i].name, limits_keys()[i].name);
    const auto value = get(defaults, limits[i]);
    EXPECT_EQ(usual(limits_keys(), limits[i].name), value ? limit_text(limits[i], *value) : "none");
  }
}

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string rendered(FileKeys keys) {
  std::string text = "| key | takes | without it | example | since | what it says |\n|---|---|---|---|---|---|\n";
  for (const FileKey& key : keys) {
    text += fmt::format("| `{}` | {} | {} | `{}` | {} | {}{} |\n", key.name, cell(key.type), cell(key.usual), cell(key.example),
                        key.since, cell(key.meaning), key.is_served ? "" : ". **Not served yet**: refused");
  }
  return text;
}

std::string begin_of(const Table& table) {
  return fmt::format("<!-- keys of {} -->\n", table.name);
}
constexpr std::string_view kEnd = "<!-- end of keys -->\n";

std::filesystem::path page_of(File file) {
  return std::filesystem::path(AIRSSYS_DOCS) / (file == File::system ? "system-file.md" : "component-file.md");
}

std::string read_page(File file) {
  std::ifstream page(page_of(file), std::ios::binary);
  return {std::istreambuf_iterator<char>(page), {}};
}

/// Where a table's rows are in its page: from the line after its mark to its end. Nothing: the page has no such table.
std::optional<std::pair<std::size_t, std::size_t>> rows_of(const std::string& page, const Table& table) {
  const std::string begin = begin_of(table);
  const std::size_t mark = page.find(begin);
  if (mark == std::string::npos) return std::nullopt;
  const std::size_t end = page.find(kEnd, mark);
  if (end == std::string::npos) return std::nullopt;
  return std::pair(mark + begin.size(), end);
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string_view::npos; at += what.size()) ++count;
  return count;
}

void write_pages() {
  for (const File file : {File::system, File::component}) {
    std::string page = read_page(file);
    for (const Table& table : tables()) {
      const auto rows = rows_of(page, table);
      if (table.file == file && rows) page.replace(rows->first, rows->second - rows->first, rendered(table.keys));
    }
    std::ofstream(page_of(file), std::ios::binary) << page;
  }
}

TEST(FilePages, say_of_every_table_and_key_what_the_parser_reads) {
  if (std::getenv("AIRSSYS_WRITE_PAGES") != nullptr) write_pages();
  std::map<File, std::size_t> tables_of;
  for (const Table& table : tables()) {
    ++tables_of[table.file];
    const std::string page = read_page(table.file);
    const auto rows = rows_of(page, table);
    ASSERT_TRUE(rows) << page_of(table.file) << " has no table after " << begin_of(table);
    EXPECT_EQ(page.substr(rows->first, rows->second - rows->first), rendered(table.keys)) << page_of(table.file);
  }
  for (const auto& [file, count] : tables_of) {
    EXPECT_EQ(count_of(read_page(file), "<!-- keys of "), count) << page_of(file) << ": a table that the parser does not have";
  }
}

}  // namespace
}  // namespace airssys::config
