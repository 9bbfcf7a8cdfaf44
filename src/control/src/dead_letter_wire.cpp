#include "dead_letter_wire.hpp"

namespace airssys::control {
Json json_of(const DeadLetterStatus& letter) {
  return {{"number", letter.number}, {"time_ms", letter.time_ms}, {"reason", letter.reason}, {"why", letter.why},
          {"kind", letter.kind},     {"sender", letter.sender},   {"target", letter.target}, {"topic", letter.topic},
          {"id", letter.id},         {"attempt", letter.attempt}, {"trace", letter.trace},   {"codec", letter.codec},
          {"bytes", letter.bytes}};
}

DeadLetterStatus letter_from(const Json& json) {
  const auto number = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
  return {.number = number("number"),
          .time_ms = number("time_ms"),
          .reason = text("reason"),
          .why = text("why"),
          .kind = text("kind"),
          .sender = text("sender"),
          .target = text("target"),
          .topic = text("topic"),
          .id = number("id"),
          .attempt = static_cast<std::uint32_t>(number("attempt")),
          .trace = text("trace"),
          .codec = text("codec"),
          .bytes = number("bytes")};
}

Json json_of(const DeadLetterList& list) {
  Json reasons = Json::object();
  std::uint64_t total = 0;
  for (const auto& [reason, count] : list.by_reason) {
    reasons[reason] = count;
    total += count;
  }
  Json letters = Json::array();
  for (const DeadLetterStatus& letter : list.letters) letters.push_back(json_of(letter));
  return {{"total", total}, {"forgotten", list.forgotten}, {"by_reason", reasons}, {"letters", letters}};
}

DeadLetterList letters_from(const Json& json) {
  DeadLetterList list;
  list.forgotten = json.at("forgotten").get<std::uint64_t>();
  for (const auto& [reason, count] : json.at("by_reason").items())
    list.by_reason.emplace_back(reason, count.get<std::uint64_t>());
  for (const Json& letter : json.at("letters")) list.letters.push_back(letter_from(letter));
  return list;
}

std::string to_json(const DeadLetterList& list) {
  return dump(json_of(list));
}

std::string to_json(const DeadLetterInFull& letter) {
  Json json = json_of(letter.letter);
  add_body(json, letter.payload.text());
  return dump(json);
}

}  // namespace airssys::control
