// For tests: servers that answer one connection with given bytes, or with an untrusted certificate.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

namespace quittance::base {

/// Accepts on a free port and hands the first connection to `serve`, on a thread.
class OneConnection {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  template <class Serve>
  explicit OneConnection(Serve serve)
      : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()),
        thread_([this, serve = std::move(serve)] {
          boost::system::error_code failure;
          Socket socket = acceptor_.accept(failure);
          if (!failure) serve(std::move(socket));
        }) {}
  ~OneConnection() {
    // An accept that still stands is ended by a connection that says nothing.
    boost::system::error_code ignored;
    Socket(io_).connect({boost::asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }
  std::uint16_t port() const { return port_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::thread thread_;
};

/// Reads a request head, says its bytes, and closes.
class RawServer {
 public:
  explicit RawServer(std::string answer)
      : connection_([answer = std::move(answer)](OneConnection::Socket socket) {
          boost::system::error_code ignored;
          std::string request;
          boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n",
                                  ignored);
          boost::asio::write(socket, boost::asio::buffer(answer), ignored);
        }) {}
  std::uint16_t port() const { return connection_.port(); }

 private:
  OneConnection connection_;
};

/// A TLS server for `localhost` whose certificate is signed by itself.
class SelfSignedServer {
 public:
  SelfSignedServer()
      : context_(boost::asio::ssl::context::tls_server),
        failure_(outcome_.get_future()),
        connection_([this](OneConnection::Socket socket) { shake_hands(std::move(socket)); }) {}
  std::uint16_t port() const { return connection_.port(); }
  /// What the handshake ended with on our side.
  std::string handshake_failure() {
    if (text_.empty()) text_ = failure_.get();
    return text_;
  }

 private:
  void shake_hands(OneConnection::Socket socket) {
    sign_own_certificate();
    boost::asio::ssl::stream<OneConnection::Socket> stream(std::move(socket), context_);
    boost::system::error_code failure;
    stream.handshake(boost::asio::ssl::stream_base::server, failure);
    // With TLS 1.3 the server is done first; the client's alert comes with the next read.
    std::string request;
    if (!failure) {
      boost::asio::read_until(stream, boost::asio::dynamic_buffer(request), "\r\n\r\n", failure);
    }
    outcome_.set_value(failure ? failure.message() : "accepted");
  }

  void sign_own_certificate() {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3'600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>("localhost");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    const bool ready = X509_sign(certificate, key, EVP_sha256()) > 0 &&
                       SSL_CTX_use_certificate(context_.native_handle(), certificate) == 1 &&
                       SSL_CTX_use_PrivateKey(context_.native_handle(), key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (!ready) throw std::runtime_error("no certificate for the test");
  }

  boost::asio::ssl::context context_;
  std::promise<std::string> outcome_;
  std::future<std::string> failure_;
  std::string text_;
  OneConnection connection_;
};

}  // namespace quittance::base
