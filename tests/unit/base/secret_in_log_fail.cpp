// Compiled by ctest, never run. Without LEAK it must compile; with LEAK=1.. it must not, so that
// the failure is proven to come from the one line that shows a Secret (S2.81, S4.22).
#include <iostream>

#include "base/base.hpp"

void show(quittance::base::Log& log, const quittance::base::Secret& secret) {
#if LEAK == 1
  log.info("login", {{"password", secret}});
#elif LEAK == 2
  log.info("login", {{"password", quittance::base::Json(secret).dump()}});
#elif LEAK == 3
  std::cerr << secret;
#elif LEAK == 4
  log.info("login", {{"password", std::string(secret)}});
#else
  log.info("login", {{"password", secret.empty() ? "missing" : "given"}});
#endif
}
