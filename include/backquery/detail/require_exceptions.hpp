/// @file
/// Included first by headers that throw or catch, so that their requirement is the first error.
#pragma once

#ifndef __cpp_exceptions
#error "backquery needs exceptions; only fixed_network.hpp and metrics.hpp compile with -fno-exceptions"
#endif
