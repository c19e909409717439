// Planted bugs inside the engine's own writing: its connection passes everything on, but for one
// statement that does a little less, or a little more, than it should.
#pragma once

#include <memory>

#include "simulation/plants.hpp"
#include "storage/storage.hpp"

namespace quittance::simulation {

/// `honest` itself, or with a plant of this kind: `honest` behind a connection that bends.
std::unique_ptr<storage::Connection> bend(Plant plant, std::unique_ptr<storage::Connection> honest);

}  // namespace quittance::simulation
