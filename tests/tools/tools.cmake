# The build's own tools: the resolver of the Windows dependencies, omsgen, the solution file.
oms_test(tools COMMAND ${OMS_PYTHON} -B -m pytest -q -p no:cacheprovider
        ${CMAKE_CURRENT_SOURCE_DIR}/tools
    ENVIRONMENT OMSGEN=$<TARGET_FILE:omsgen>)
