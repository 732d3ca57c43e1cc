// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/benchmarks/loadwire.h"

#include <memory>

namespace wireroom::load {

/// Wireroom's chat protocol: Hello, Posts of text to everyone, and now and then an Ack of what was delivered.
std::unique_ptr<Wire> chatWire();

} // namespace wireroom::load
