# No version in find_package(Eigen3): Eigen 3.4.0 and 5.x each reject requests that name the other.
macro(backquery_require_eigen)
  if(NOT TARGET Eigen3::Eigen)
    find_package(Eigen3 CONFIG REQUIRED)
    if(Eigen3_VERSION VERSION_LESS 3.4)
      message(FATAL_ERROR "backquery needs Eigen 3.4 or newer, found ${Eigen3_VERSION} in ${Eigen3_DIR}")
    endif()
  endif()
endmacro()
