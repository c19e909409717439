// The page on which a person turns the fault knobs.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "sandbox/desk.hpp"

namespace quittance::sandbox {

/// The knobs as a form; `problem` is shown above it when not empty.
base::HttpResponse faults_page(const Desk& desk, int status, std::string_view problem);
/// Takes the posted form: every knob is in it, an unticked switch is absent.
base::HttpResponse change_faults(Desk& desk,
                                 const std::map<std::string, std::string, std::less<>>& form);
/// Forgets everything and goes home.
base::HttpResponse reset_page(Desk& desk);

}  // namespace quittance::sandbox
