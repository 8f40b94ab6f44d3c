/// @file
/// Names that windows.h (also with Microsoft's headers), X11, <complex.h> and Qt define as macros. The
/// definitions here are stricter: none compiles within an expression or a declaration.
#pragma once

// NOLINTBEGIN
#define min(a, b) %
#define max(a, b) %
#define index(a, b) %
#define near %
#define far %
#define small %
#define huge %
#define hyper %
#define interface %
#define pascal %
#define cdecl %
#define rad1 %
#define IN %
#define OUT %
#define OPTIONAL %
#define CONST %
#define VOID %
#define STRICT %
#define ABSOLUTE %
#define RELATIVE %
#define OPAQUE %
#define TRANSPARENT %
#define ERROR %
#define NO_ERROR %
#define DELETE %
#define DIFFERENCE %
#define CALLBACK %
#define GetObject %
#define None %
#define Status %
#define Success %
#define Bool %
#define True %
#define False %
#define Always %
#define Above %
#define Below %
#define Complex %
#define Convex %
#define Unsorted %
#define GrayScale %
#define CurrentTime %
#define I %
#define signals %
#define slots %
#define emit %
#define foreach %
#define forever %
#define major(dev) %
#define minor(dev) %
// NOLINTEND
