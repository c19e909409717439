// Statements about events and their attendees.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

namespace {

#define QUITTANCE_EVENT_COLUMNS                                                            \
  "e.id AS id, e.product_id AS product_id, e.name AS name, e.venue AS venue, "             \
  "e.instructions AS instructions, e.starts_at AS starts_at, e.utc_offset_minutes AS "     \
  "utc_offset_minutes, e.takes_unnamed AS takes_unnamed, e.created_at AS created_at FROM " \
  "events e "
#define QUITTANCE_ATTENDEE_COLUMNS                                                            \
  "id, event_id, order_id, roll_number, name, email, phone, college_name, department, year, " \
  "section, emergency_contact_number, registered_at"

Result<Event> read_event(Rows::Row row) {
  return Event{.id = row.integer("id"),
               .product_id = core::ProductId(row.integer("product_id")),
               .name = row.text("name"),
               .venue = row.text("venue"),
               .instructions = row.text("instructions"),
               .starts_at = row.time("starts_at"),
               .utc_offset_minutes = row.integer("utc_offset_minutes"),
               .takes_unnamed = row.integer("takes_unnamed") == 1,
               .created_at = row.time("created_at")};
}

Result<Attendee> read_attendee(Rows::Row row) {
  return Attendee{.id = row.integer("id"),
                  .event_id = row.integer("event_id"),
                  .order_id = core::OrderId(row.integer("order_id")),
                  .roll_number = row.text("roll_number"),
                  .name = row.text("name"),
                  .email = row.text("email"),
                  .phone = row.text("phone"),
                  .college_name = row.text("college_name"),
                  .department = row.text("department"),
                  .year = row.text("year"),
                  .section = row.text("section"),
                  .emergency_contact_number = row.text("emergency_contact_number"),
                  .registered_at = row.time("registered_at")};
}

}  // namespace

std::string local_start(const Event& event) {
  const auto two = [](std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  std::string text = base::to_iso8601(event.starts_at + event.utc_offset());
  text.resize(std::string_view("2026-12-05T10:00:00").size());
  const bool behind = event.utc_offset_minutes < 0;
  const std::int64_t minutes = behind ? -event.utc_offset_minutes : event.utc_offset_minutes;
  return text + (behind ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
}

Found<Event> Books::event(std::int64_t id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_EVENT_COLUMNS "WHERE e.id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id}));
  return read_first<Event>(rows, read_event);
}

Found<Event> Books::event_of_unnamed() {
  static constexpr Sql kSql{"SELECT " QUITTANCE_EVENT_COLUMNS "WHERE e.takes_unnamed = 1"};
  TRY(const Rows rows, connection_.run(kSql, {}));
  return read_first<Event>(rows, read_event);
}

Found<Event> Books::event_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_EVENT_COLUMNS
                            "JOIN order_items i ON i.product_id = e.product_id WHERE i.order_id = "
                            "$1 ORDER BY e.id LIMIT 1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<Event>(rows, read_event);
}

Listed<Event> Books::events(std::optional<std::int64_t> before, std::int64_t limit) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_EVENT_COLUMNS
                            "WHERE e.id < $1 ORDER BY e.id DESC LIMIT $2"};
  TRY(const Rows rows, connection_.run(kSql, {before.value_or(INT64_MAX), limit}));
  return read_all<Event>(rows, read_event);
}

Found<Attendee> Books::attendee(std::int64_t event_id, std::string_view roll_number) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_ATTENDEE_COLUMNS
                            " FROM attendees WHERE event_id = $1 AND roll_number = $2"};
  TRY(const Rows rows, connection_.run(kSql, {event_id, roll_number}));
  return read_first<Attendee>(rows, read_attendee);
}

Found<Attendee> Books::attendee_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_ATTENDEE_COLUMNS
                            " FROM attendees WHERE order_id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<Attendee>(rows, read_attendee);
}

Listed<Attendee> Books::attendees(std::int64_t event_id, std::optional<std::int64_t> before,
                                  std::int64_t limit) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_ATTENDEE_COLUMNS
                            " FROM attendees WHERE event_id = $1 AND id < $2 ORDER BY id DESC "
                            "LIMIT $3"};
  TRY(const Rows rows, connection_.run(kSql, {event_id, before.value_or(INT64_MAX), limit}));
  return read_all<Attendee>(rows, read_attendee);
}

Result<std::int64_t> WritableBooks::insert_event(const Event& event) {
  static constexpr Sql kSql{
      "INSERT INTO events (product_id, name, venue, instructions, starts_at, utc_offset_minutes, "
      "takes_unnamed, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7) RETURNING id"};
  TRY(const Rows rows,
      connection_.run(kSql, {event.product_id.value(), event.name, event.venue, event.instructions,
                             event.starts_at, event.utc_offset_minutes, event.created_at}));
  return rows.front().integer("id");
}

Result<Rows> WritableBooks::update_event(const Event& event) {
  static constexpr Sql kSql{
      "UPDATE events SET name = $2, venue = $3, instructions = $4, starts_at = $5, "
      "utc_offset_minutes = $6 WHERE id = $1"};
  return connection_.run(kSql, {event.id, event.name, event.venue, event.instructions,
                                event.starts_at, event.utc_offset_minutes});
}

Result<Rows> WritableBooks::set_takes_unnamed(std::int64_t event_id, bool takes) {
  static constexpr Sql kNobody{"UPDATE events SET takes_unnamed = 0 WHERE takes_unnamed = 1"};
  static constexpr Sql kThis{"UPDATE events SET takes_unnamed = 1 WHERE id = $1"};
  static constexpr Sql kNotThis{"UPDATE events SET takes_unnamed = 0 WHERE id = $1"};
  if (!takes) return connection_.run(kNotThis, {event_id});
  TRY_VOID(connection_.run(kNobody, {}));
  return connection_.run(kThis, {event_id});
}

Result<std::int64_t> WritableBooks::save_attendee(const Attendee& attendee,
                                                  std::optional<core::OrderId> replaces) {
  static constexpr Sql kSql{
      "INSERT INTO attendees (event_id, order_id, roll_number, name, email, phone, college_name, "
      "department, year, section, emergency_contact_number, registered_at) VALUES ($1, $2, $3, $4, "
      "$5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (event_id, roll_number) DO UPDATE SET "
      "order_id = excluded.order_id, name = excluded.name, email = excluded.email, phone = "
      "excluded.phone, college_name = excluded.college_name, department = excluded.department, "
      "year = excluded.year, section = excluded.section, emergency_contact_number = "
      "excluded.emergency_contact_number, registered_at = excluded.registered_at WHERE "
      "attendees.order_id = $13 RETURNING id"};
  const std::int64_t before = replaces ? replaces->value() : std::int64_t{0};
  TRY(const Rows rows,
      connection_.run(kSql, {attendee.event_id, attendee.order_id.value(), attendee.roll_number,
                             attendee.name, attendee.email, attendee.phone, attendee.college_name,
                             attendee.department, attendee.year, attendee.section,
                             attendee.emergency_contact_number, attendee.registered_at, before}));
  if (rows.empty()) {
    return base::fail(base::ErrorCode::conflict,
                      "Somebody has just registered under this roll number.", "roll_number");
  }
  return rows.front().integer("id");
}

}  // namespace quittance::storage
