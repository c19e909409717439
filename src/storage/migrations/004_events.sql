-- Events whose places are sold as a product each, and who paid for one (docs/events.md).

CREATE TABLE events (
  id {id},
  product_id {int} NOT NULL UNIQUE REFERENCES products(id),
  name TEXT NOT NULL,
  venue TEXT NOT NULL,
  instructions TEXT NOT NULL,
  starts_at {int} NOT NULL,
  utc_offset_minutes {int} NOT NULL CHECK (utc_offset_minutes BETWEEN -959 AND 959),
  takes_unnamed {int} NOT NULL DEFAULT 0 CHECK (takes_unnamed IN (0, 1)),
  created_at {int} NOT NULL
) {strict};
-- Registrations that name no event go to one event, if to any.
CREATE UNIQUE INDEX idx_events_takes_unnamed ON events(takes_unnamed) WHERE takes_unnamed = 1;

-- Whoever registered for an event and paid. Under one roll number there is one of an event; after a
-- refund it may be taken again, and `order_id` is then the newest.
CREATE TABLE attendees (
  id {id},
  event_id {int} NOT NULL REFERENCES events(id),
  order_id {int} NOT NULL UNIQUE REFERENCES orders(id),
  roll_number TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  college_name TEXT NOT NULL,
  department TEXT NOT NULL,
  year TEXT NOT NULL,
  section TEXT NOT NULL,
  emergency_contact_number TEXT NOT NULL,
  registered_at {int} NOT NULL,
  UNIQUE (event_id, roll_number)
) {strict};
