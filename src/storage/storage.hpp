// The door of storage: the Store, and the books that it opens for reading and writing.
#pragma once

#include "storage/audit_bytes.hpp"
#include "storage/books.hpp"
#include "storage/copy.hpp"
#include "storage/records.hpp"
#include "storage/store.hpp"
