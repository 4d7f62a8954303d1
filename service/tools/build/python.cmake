# OMS_PYTHON: the one Python that the build's tools and the tests run with; empty where there is
# none. Debian's own where it is there: the first on the PATH may be one without Debian's modules.
if(NOT OMS_PYTHON)
    if(EXISTS /usr/bin/python3)
        set(Python3_EXECUTABLE /usr/bin/python3)
    endif()
    find_package(Python3 3.11 QUIET COMPONENTS Interpreter)
    if(Python3_FOUND)
        set(OMS_PYTHON ${Python3_EXECUTABLE} CACHE FILEPATH "Python for the build and the tests")
    endif()
endif()
