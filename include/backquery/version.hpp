/// @file
/// The version, which the build reads from this file. These are the only macros of the library.
///
/// Before 1.0, minor versions may change the interface; from 1.0 on, only major versions may. Patch versions
/// change neither the interface, nor the random values of a seed, nor the format of model files.
#pragma once

/// The first number of the version.
#define BACKQUERY_VERSION_MAJOR 0
/// The second number of the version.
#define BACKQUERY_VERSION_MINOR 2
/// The third number of the version.
#define BACKQUERY_VERSION_PATCH 0
