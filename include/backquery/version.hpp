/// @file
/// The version, the one place that holds it: the build reads it from here. The library's only macros.
///
/// Before 1.0 a new minor version may change the interface and a patch version does not; from 1.0 on only a
/// new major version may. What a seed draws and what a model file says change in no patch version either.
#pragma once

#define BACKQUERY_VERSION_MAJOR 0
#define BACKQUERY_VERSION_MINOR 2
#define BACKQUERY_VERSION_PATCH 0
