/// @file
/// Defines UNDER_SANITIZER in builds with AddressSanitizer or ThreadSanitizer.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)  // GCC
#define UNDER_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)  // Clang
#define UNDER_SANITIZER
#endif
#endif
