# The build's own tools and scripts, one CTest for each file.
foreach(name cmake completion deps_windows languages manual omsgen scripts session skips solution)
    oms_pytest(tools_${name} FILES tools/test_${name}.py ENVIRONMENT OMSGEN=$<TARGET_FILE:omsgen>)
endforeach()
# It calls CMake on the folder in which the other tests run.
set_tests_properties(tools_solution PROPERTIES RUN_SERIAL ON)

# Flags that stand in the wrong order leave the program in parts, and nothing else says so.
if(OMS_WHOLE_PROGRAM)
    oms_test(tools_whole_program COMMAND sh -c "nm $<TARGET_FILE:omsgateway> | grep -q lto_priv")
endif()
