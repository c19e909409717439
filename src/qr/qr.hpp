// The door of qr: codes as text (EMV, KHQR, recovery codes, links) and as pictures.
#pragma once

#include "qr/command.hpp"
#include "qr/emv.hpp"
#include "qr/kept_picture.hpp"
#include "qr/khqr.hpp"
#include "qr/payload.hpp"
#include "qr/qrcode.hpp"
#include "qr/recovery_code.hpp"
#include "qr/scheme.hpp"
