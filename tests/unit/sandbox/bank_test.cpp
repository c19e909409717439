// Paying: what the bank takes, what it refuses, and what survives a restart.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "sandbox/payable.hpp"
#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::Json;

ErrorCode error_of(const base::Result<Transfer>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? ErrorCode::internal : result.error().code;
}

TEST(Bank, amounts_are_decimal_text_never_floating_point) {
  const auto minor = [](std::string_view text, Currency currency) {
    const auto amount = parse_amount(text, currency);
    return amount ? amount->minor : -1;
  };
  EXPECT_EQ(minor("1", Currency::usd), 100);
  EXPECT_EQ(minor("1.5", Currency::usd), 150);
  EXPECT_EQ(minor("1.50", Currency::usd), 150);
  EXPECT_EQ(minor("100.500", Currency::usd), 10'050);
  EXPECT_EQ(minor("0.01", Currency::usd), 1);
  EXPECT_EQ(minor("0000009800", Currency::khr), 9'800);
  EXPECT_EQ(minor("5000.0", Currency::khr), 5'000);
  EXPECT_EQ(minor("9007199254740.93", Currency::usd), 900'719'925'474'093);
  for (const auto bad : {"", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "NaN", " 1", "0", "0.00",
                         "1.005", "99999999999999999999", "9999999999999.999"}) {
    EXPECT_EQ(minor(bad, Currency::usd), -1) << bad;
  }
  EXPECT_EQ(minor("0.5", Currency::khr), -1);
  EXPECT_EQ(amount_for_people({123'456'789, Currency::usd}), "USD 1,234,567.89");
  EXPECT_EQ(amount_for_people({-1'000, Currency::khr}), "KHR -1,000");
  EXPECT_EQ(amount_for_people({5, Currency::usd}), "USD 0.05");
}

Json read_json(const std::string& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto json = Json::parse(text);
  return json ? *json : Json();
}

/// How many of the codes the bank would take; each is read as the bank's own kit reads it.
int payable_codes(const Json::Array& vectors, std::string_view fields_key) {
  int read = 0;
  for (const Json& vector : vectors) {
    const auto payable = read_payable(vector["qr"].text_or_empty());
    if (!payable) continue;
    ++read;
    const Json& fields = vector[fields_key];
    EXPECT_EQ(payable->md5, vector["md5"].text_or_empty());
    EXPECT_EQ(payable->account, fields["bakongAccountID"].text_or_empty());
    EXPECT_EQ(payable->dynamic, fields["transactionAmount"].is_string());
    if (!payable->amount) continue;
    const auto amount =
        parse_amount(fields["transactionAmount"].text_or_empty(), payable->currency);
    EXPECT_EQ(payable->amount, amount);
  }
  return read;
}

TEST(Bank, codes_of_the_banks_kit_are_payable) {
  const Json ours = read_json(std::string(QUITTANCE_TEST_VECTORS) + "/khqr/oracle.json");
  EXPECT_GT(payable_codes(ours["entries"].array(), "decode"), 40);
  // The published ones lie beside the project, where they are there at all.
  const Json published = read_json(std::string(QUITTANCE_SHARED_VECTORS) + "/khqr.json");
  if (published.is_array()) {
    EXPECT_GT(payable_codes(published.array(), "fields"), 80);
  }
}

TEST(Bank, broken_codes_are_refused_with_a_reason) {
  BankFixture fixture;
  const std::string good = fixture.khqr("1").text;
  std::string changed = good;
  changed[20] = changed[20] == '1' ? '2' : '1';
  for (const std::string& bad : {std::string(), std::string("  \n"), std::string("hello"),
                                 good.substr(1), changed, good + "0", std::string(5'000, '0')}) {
    const auto paid = fixture.bank().pay({bad});
    EXPECT_EQ(error_of(paid), ErrorCode::invalid_request) << bad;
    EXPECT_EQ(paid.error().param, "qr");
    EXPECT_FALSE(paid.error().message.empty());
  }
  EXPECT_TRUE(fixture.bank().pay({"\n " + good + "\r\n"}));
  EXPECT_EQ(error_of(fixture.bank().pay({std::string(32, 'a')})), ErrorCode::not_found);
}

TEST(Bank, refuses_what_no_bank_would_do) {
  BankFixture fixture;
  const std::string code = fixture.khqr("1").text;
  const auto refused = [&](PaymentTerms terms) {
    const auto paid = fixture.bank().pay({code, std::move(terms)});
    EXPECT_FALSE(paid);
    return paid ? std::string() : paid.error().param;
  };
  EXPECT_EQ(refused({.amount = "0"}), "amount");
  EXPECT_EQ(refused({.amount = "-1"}), "amount");
  EXPECT_EQ(refused({.amount = "1.001"}), "amount");
  EXPECT_EQ(refused({.amount = "0.5", .currency = "KHR"}), "amount");
  EXPECT_EQ(refused({.currency = "KHR"}), "amount");
  EXPECT_EQ(refused({.currency = "EUR"}), "currency");
  EXPECT_EQ(refused({.payer = "nobody"}), "payer");
  EXPECT_EQ(refused({.payer = "quittance_shop@quitbank"}), "payer");
  EXPECT_EQ(refused({.payer = "visal@quitbank", .amount = "18.76"}), "payer");
  EXPECT_EQ(refused({.receiver = "nobody"}), "receiver");
  EXPECT_EQ(refused({.delay = base::Duration{-1}}), "delay_ms");
  EXPECT_EQ(refused({.delay = kDelayLimit + base::Duration{1}}), "delay_ms");
  EXPECT_EQ(refused({.instruction_ref = std::string(256, 'x')}), "instruction_ref");
  const auto no_amount = fixture.bank().pay({fixture.khqr("").text});
  EXPECT_EQ(no_amount.error().param, "amount");
  EXPECT_TRUE(fixture.bank().transactions().empty());
}

TEST(Bank, payer_amount_currency_and_receiver_can_be_overridden) {
  BankFixture fixture;
  const auto paid = fixture.bank().pay(
      {fixture.khqr("1").text,
       {.payer = "bopha@farbank", .amount = "4100", .currency = "KHR", .receiver = "else@where"}});
  ASSERT_TRUE(paid);
  EXPECT_EQ(paid->payer, "bopha@farbank");
  EXPECT_EQ(paid->receiver, "else@where");
  EXPECT_EQ(paid->amount, (Amount{4'100, Currency::khr}));
}

TEST(Bank, balance_goes_down_and_ends) {
  BankFixture fixture;
  const std::string code = fixture.khqr("10").text;
  EXPECT_TRUE(
      fixture.bank().pay({code, {.payer = "visal@quitbank", .status = TransferStatus::failed}}));
  EXPECT_TRUE(
      fixture.bank().pay({code, {.payer = "visal@quitbank", .status = TransferStatus::refunded}}));
  EXPECT_TRUE(fixture.bank().pay({code, {.payer = "visal@quitbank"}}));
  EXPECT_EQ(error_of(fixture.bank().pay({code, {.payer = "visal@quitbank"}})), ErrorCode::conflict);
  EXPECT_TRUE(fixture.bank().pay({code, {.payer = "visal@quitbank", .amount = "8.75"}}));
  EXPECT_NE(fixture.get("/").body.find("<b>USD 0.00</b>"), std::string::npos);
}

TEST(Bank, one_attempt_is_one_payment) {
  BankFixture fixture;
  const std::string code = fixture.khqr("1").text;
  const auto first = fixture.bank().pay({code, {.attempt = "press-1"}});
  const auto again = fixture.bank().pay({code, {.attempt = "press-1"}});
  const auto other = fixture.bank().pay({code, {.attempt = "press-2"}});
  ASSERT_TRUE(first && again && other);
  EXPECT_EQ(*first, *again);
  EXPECT_NE(first->hash, other->hash);
  EXPECT_EQ(fixture.bank().transactions().size(), 2u);
}

TEST(Bank, a_payment_can_be_scheduled_S1_31) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  const auto paid = fixture.bank().pay({code.text, {.delay = base::Duration{86'400'000}}});
  ASSERT_TRUE(paid);
  EXPECT_EQ(base::to_ms(paid->created_at), kStartMs + 86'400'000);
  EXPECT_EQ(fixture.check_md5(code.md5)["errorCode"].integer(), 1);
  fixture.advance(86'400'000);
  fixture.set_token(fixture.bank().issue_token(60));
  EXPECT_EQ(fixture.check_md5(code.md5)["data"]["hash"].string(), paid->hash);
}

TEST(Bank, a_payer_now_comes_before_one_scheduled_earlier) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  const auto later = fixture.bank().pay({code.text, {.delay = base::Duration{1'000}}});
  const auto now = fixture.bank().pay({code.text});
  ASSERT_TRUE(later && now);
  fixture.advance(2'000);
  EXPECT_EQ(fixture.check_md5(code.md5)["data"]["hash"].string(), now->hash);
}

TEST(Bank, pay_by_curve_is_faster_by_its_speed_and_needs_one) {
  BankFixture fixture;
  const std::string code = fixture.khqr("1").text;
  EXPECT_FALSE(fixture.bank().pay_by_curve({code}, 0));
  int paid = 0;
  for (int i = 0; i < 200; ++i) {
    const auto transfer = fixture.bank().pay_by_curve({code}, 720);
    ASSERT_TRUE(transfer);
    if (!*transfer) continue;
    ++paid;
    EXPECT_LE(base::to_ms((*transfer)->created_at), kStartMs + 3'600'000);
  }
  EXPECT_NEAR(paid, 190, 12);
}

TEST(Bank, payments_from_many_threads_are_all_booked_once) {
  base::SystemClock clock;
  base::SystemRandom random;
  base::SilentLog log;
  const auto bank = Sandbox::open(BankFixture::usual_options(), clock, random, log);
  ASSERT_TRUE(bank);
  const std::string code = BankFixture().khqr("1").text;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE((*bank)->pay({code, {.attempt = "try-" + std::to_string(i)}}));
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ((*bank)->transactions().size(), 100u);
}

/// A data file that goes away with the test.
class BankOnDisk : public ::testing::Test {
 protected:
  BankOnDisk() : path_(::testing::TempDir() + "sandbox_" + std::to_string(::getpid())) {}
  ~BankOnDisk() override { std::filesystem::remove(path_); }

  SandboxOptions options() const {
    SandboxOptions options = BankFixture::usual_options();
    options.data_file = path_;
    return options;
  }
  std::string file() const {
    std::ifstream stream(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void append(std::string_view bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::app) << bytes;
  }
  /// Whether the file can be opened again as it is.
  bool opens() const {
    base::ManualClock clock(base::from_ms(kStartMs));
    base::SeededRandom random(1);
    base::SilentLog log;
    return Sandbox::open(options(), clock, random, log).has_value();
  }

  std::string path_;
};

TEST_F(BankOnDisk, survives_a_restart_with_transfers_codes_and_balances_S0_2_S0_67) {
  std::vector<Transfer> before;
  qr::Khqr paid, waiting;
  {
    BankFixture fixture(options());
    paid = fixture.khqr("10", "840", "A");
    waiting = fixture.khqr("20", "840", "B");
    ASSERT_TRUE(fixture.bank().remember_qr(waiting.text));
    ASSERT_TRUE(fixture.bank().pay({paid.text, {.payer = "visal@quitbank", .attempt = "one"}}));
    ASSERT_TRUE(fixture.bank().pay(
        {paid.text,
         {.status = TransferStatus::failed, .instruction_ref = "I", .description = "two\nlines"}}));
    before = fixture.bank().transactions();
  }
  BankFixture fixture(options());
  EXPECT_EQ(fixture.bank().transactions(), before);
  EXPECT_EQ(fixture.check_md5(paid.md5)["data"]["hash"].string(), before[0].hash);
  EXPECT_TRUE(fixture.bank().pay({waiting.md5}));
  EXPECT_EQ(fixture.bank().pay({paid.text, {.attempt = "one"}})->hash, before[0].hash);
  EXPECT_EQ(error_of(fixture.bank().pay({paid.text, {.payer = "visal@quitbank"}})),
            ErrorCode::conflict);
}

TEST_F(BankOnDisk, cuts_a_torn_last_line_wherever_it_tore) {
  {
    BankFixture fixture(options());
    ASSERT_TRUE(fixture.bank().pay({fixture.khqr("1").text}));
  }
  const std::string whole = file();
  const std::string line = whole.substr(0, whole.find('\n') + 1);
  for (const std::size_t length : {std::size_t{1}, line.size() / 2, line.size() - 1}) {
    append(std::string_view(line).substr(0, length));
    {
      BankFixture fixture(options());
      EXPECT_EQ(fixture.bank().transactions().size(), 1u);
    }
    EXPECT_EQ(file(), whole);
  }
}

TEST_F(BankOnDisk, does_not_guess_at_damaged_books) {
  {
    BankFixture fixture(options());
    ASSERT_TRUE(fixture.bank().pay({fixture.khqr("1").text}));
  }
  const std::string whole = file();
  const std::string line = whole.substr(0, whole.find('\n') + 1);
  const auto with = [&](const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    return opens();
  };
  EXPECT_TRUE(with(whole));
  EXPECT_FALSE(with(line + whole));  // sequence 1 twice
  EXPECT_FALSE(with("nonsense\n" + whole));
  EXPECT_FALSE(with("{}\n" + whole));
  EXPECT_FALSE(with(R"({"kind":"transfer","entry":{}})"
                    "\n"));
  EXPECT_FALSE(with(R"({"kind":"qr","entry":{}})"
                    "\n"));
  std::string cents = line;
  cents.replace(cents.find("\"amount_minor\":100"), 18, "\"amount_minor\":0.5");
  EXPECT_FALSE(with(cents));
}

TEST_F(BankOnDisk, has_one_owner_at_a_time) {
  {
    BankFixture fixture(options());
    EXPECT_FALSE(opens());
  }
  EXPECT_TRUE(opens());
}

TEST_F(BankOnDisk, an_impossible_path_is_a_storage_failure) {
  base::ManualClock clock(base::from_ms(kStartMs));
  base::SeededRandom random(1);
  base::SilentLog log;
  SandboxOptions impossible = options();
  impossible.data_file = path_ + "/no/such/folder";
  const auto opened = Sandbox::open(impossible, clock, random, log);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::storage_failure);
}

TEST_F(BankOnDisk, reset_forgets_on_disk_too) {
  BankFixture fixture(options());
  const auto code = fixture.khqr("1");
  ASSERT_TRUE(fixture.bank().pay({code.text}));
  fixture.bank().set_faults({.latency_ms = 5});
  ASSERT_TRUE(fixture.bank().reset());
  EXPECT_TRUE(file().empty());
  EXPECT_TRUE(fixture.bank().transactions().empty());
  EXPECT_EQ(fixture.bank().faults(), Faults{});
  EXPECT_EQ(error_of(fixture.bank().pay({code.md5})), ErrorCode::not_found);
  EXPECT_EQ(fixture.bank().pay({code.text})->sequence, 1);
}

}  // namespace
}  // namespace quittance::sandbox
