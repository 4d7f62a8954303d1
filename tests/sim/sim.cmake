# The simulated network, and the small world in it. The hash over all seeds is the same on every
# system and with every compiler: sim_same_everywhere holds it.
add_library(simulator STATIC sim/io_sim.c sim/sim_world.c)
target_include_directories(simulator PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(simulator PUBLIC room_io)

add_executable(sim sim/sim.c sim/half.c sim/party.c sim/town.c sim/town_clients.c
    sim/town_origin.c sim/town_relay.c)
target_link_libraries(sim PRIVATE simulator)
add_dependencies(tests sim)

# Seeds by tier. Sanitizers are slow, and find their faults in the first thousands.
oms_test(sim COMMAND ${OMS_TIERS} 3000 $<IF:${OMS_SANITIZED},3000,10000>
    $<IF:${OMS_SANITIZED},10000,100000> ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:sim> 1
    TIMEOUT 3600)
oms_test(sim_same_everywhere COMMAND sim 1 300)
set_tests_properties(sim_same_everywhere PROPERTIES PASS_REGULAR_EXPRESSION
    "sim: 300 seeds passed, .* hash c0836033cec77592")

# The engine in the same network. From a thousand seeds on it must have come to every row of
# tunnel.def.
add_executable(sim_city sim/sim_city.c sim/city.c sim/city_clients.c sim/city_desks.c
    sim/city_plans.c sim/city_rules.c sim/city_tls.c sim/city_watch.c sim/party.c)
target_link_libraries(sim_city PRIVATE simulator room_gateway)
target_include_directories(sim_city PRIVATE ${OPENSSL_INCLUDE})
add_dependencies(tests sim_city)
oms_test(sim_city COMMAND ${OMS_TIERS} 1000 $<IF:${OMS_SANITIZED},1000,5000> 100000
    ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:sim_city> 1)
oms_test(sim_city_same_everywhere COMMAND sim_city 1 200)
set_tests_properties(sim_city_same_everywhere PROPERTIES PASS_REGULAR_EXPRESSION
    "sim_city: 200 seeds passed, .* hash f5655c66fc61d70c")
