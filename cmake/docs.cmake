# The target docs: Doxygen over the public headers and the pages, into docs/html of the build. A warning is an
# error.
find_package(Doxygen REQUIRED)
set(DOXYGEN_USE_MDFILE_AS_MAINPAGE ${PROJECT_SOURCE_DIR}/README.md)
set(DOXYGEN_STRIP_FROM_PATH ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
set(DOXYGEN_STRIP_FROM_INC_PATH ${PROJECT_SOURCE_DIR}/include)
set(DOXYGEN_EXCLUDE_SYMBOLS backquery::detail backquery::detail::* layers_of buffers_of)
set(DOXYGEN_JAVADOC_AUTOBRIEF YES)
set(DOXYGEN_EXTRACT_STATIC YES)
set(DOXYGEN_WARN_IF_INCOMPLETE_DOC NO)  # a parameter that its name explains needs no @param
set(DOXYGEN_HAVE_DOT NO)
set(DOXYGEN_QUIET YES)
set(DOXYGEN_WARN_AS_ERROR FAIL_ON_WARNINGS)
set(DOXYGEN_HTML_OUTPUT html)
set(DOXYGEN_IMAGE_PATH ${PROJECT_SOURCE_DIR}/examples)  # not build/, which can hold whole systems
set(DOXYGEN_FILTER_PATTERNS "*.md=${PROJECT_SOURCE_DIR}/cmake/docs_links.sed")

file(GLOB_RECURSE public_headers CONFIGURE_DEPENDS include/*.hpp)
list(FILTER public_headers EXCLUDE REGEX "/detail/")
file(GLOB pages CONFIGURE_DEPENDS README.md examples/README.md examples/web/README.md tests/README.md tests/benchmark/README.md
  include/backquery/README.md include/backquery/model/README.md)
doxygen_add_docs(docs ${pages} ${public_headers} ${PROJECT_SOURCE_DIR}/include/backquery/detail/thread_pool.hpp)
