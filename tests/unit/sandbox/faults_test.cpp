// Each knob does what it says, by chance that can be repeated.
#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {
namespace {

using base::Json;

constexpr std::string_view kMd5Path = "/v1/check_transaction_by_md5";
constexpr std::string_view kNobody = R"({"md5":"00000000000000000000000000000000"})";

base::HttpResponse ask_md5(BankFixture& fixture) {
  return fixture.post(std::string(kMd5Path), std::string(kNobody));
}

TEST(Faults, latency_is_waited_for_and_jitter_stays_in_range) {
  BankFixture fixture;
  fixture.bank().set_faults({.latency_ms = 1'501});
  const auto before = fixture.clock().now();
  EXPECT_EQ(ask_md5(fixture).status, 200);
  EXPECT_EQ((fixture.clock().now() - before).count(), 1'501);
  fixture.bank().set_faults({.latency_ms = 100, .latency_jitter_ms = 50});
  for (int i = 0; i < 50; ++i) {
    const auto start = fixture.clock().now();
    ask_md5(fixture);
    const auto took = (fixture.clock().now() - start).count();
    EXPECT_GE(took, 100);
    EXPECT_LE(took, 150);
  }
}

TEST(Faults, a_payment_made_during_the_first_half_of_the_latency_is_seen) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  fixture.bank().set_faults({.latency_ms = 1'000});
  ASSERT_TRUE(fixture.bank().pay({code.text, {.delay = base::Duration{500}}}));
  EXPECT_EQ(fixture.check_md5(code.md5)["responseCode"].integer(), 0);
}

TEST(Faults, timeout_outlasts_the_official_client_of_45_s) {
  BankFixture fixture;
  fixture.bank().set_faults({.timeout_percent = 100});
  const auto before = fixture.clock().now();
  EXPECT_EQ(ask_md5(fixture).status, 504);
  EXPECT_GT((fixture.clock().now() - before).count(), 45'000);
}

TEST(Faults, error_rate_is_a_share_of_html_5xx) {
  BankFixture fixture;
  fixture.bank().set_faults({.error_rate_percent = 25});
  int bad = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto response = ask_md5(fixture);
    if (response.status == 200) continue;
    ++bad;
    EXPECT_GE(response.status, 500);
    EXPECT_LE(response.status, 504);
    EXPECT_EQ(response.headers.find("Content-Type"), "text/html");
  }
  EXPECT_NEAR(bad, 500, 60);
}

TEST(Faults, server_error_is_500_with_an_envelope) {
  BankFixture fixture;
  fixture.bank().set_faults({.server_error_percent = 100});
  const auto response = ask_md5(fixture);
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(BankFixture::json_of(response)["responseCode"].integer(), 1);
}

TEST(Faults, forbidden_html_for_md5_list_alone_or_for_all) {
  BankFixture fixture;
  const auto status = [&](std::string path, std::string body) {
    const auto response = fixture.post(std::move(path), std::move(body));
    if (response.status == 403) {
      EXPECT_TRUE(response.body.starts_with("<html>"));
      EXPECT_EQ(response.headers.find("Content-Type"), "text/html");
    }
    return response.status;
  };
  fixture.bank().set_faults(
      {.forbidden_html_percent = 100, .forbidden_html_scope = ForbiddenScope::md5_list});
  EXPECT_EQ(status("/v1/check_transaction_by_md5_list", R"(["x"])"), 403);
  EXPECT_EQ(status("/v1/check_transaction_by_hash_list", R"(["x"])"), 200);
  EXPECT_EQ(status(std::string(kMd5Path), std::string(kNobody)), 200);
  fixture.bank().set_faults({.forbidden_html_percent = 100});
  EXPECT_EQ(status("/v1/check_transaction_by_hash_list", R"(["x"])"), 403);
  EXPECT_EQ(status("/v1/renew_token", "{}"), 403);
}

TEST(Faults, too_many_requests_with_and_without_retry_after) {
  BankFixture fixture;
  fixture.bank().set_faults({.too_many_requests_percent = 100, .retry_after_s = 17});
  auto response = ask_md5(fixture);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.find("Retry-After"), "17");
  fixture.bank().set_faults({.too_many_requests_percent = 100, .retry_after_s = 0});
  response = ask_md5(fixture);
  EXPECT_EQ(response.status, 429);
  EXPECT_FALSE(response.headers.find("Retry-After"));
}

TEST(Faults, garbage_and_truncated_bodies_are_200_that_do_not_parse) {
  BankFixture fixture;
  fixture.bank().set_faults({.garbage_percent = 100});
  auto response = ask_md5(fixture);
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(Json::parse(response.body));
  fixture.bank().set_faults({.truncated_percent = 100});
  response = ask_md5(fixture);
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.starts_with(R"({"responseCode":1)"));
  EXPECT_FALSE(Json::parse(response.body));
}

TEST(Faults, unauthorized_treats_a_good_token_as_expired_N11) {
  BankFixture fixture;
  fixture.bank().set_faults({.unauthorized = true});
  EXPECT_EQ(ask_md5(fixture).status, 401);
  fixture.bank().set_faults({});
  EXPECT_EQ(ask_md5(fixture).status, 200);
}

TEST(Faults, dates_as_floats_and_off_by_a_skew) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  ASSERT_TRUE(fixture.bank().pay({code.text}));
  fixture.bank().set_faults({.clock_skew_ms = -3'600'000, .date_style = DateStyle::floating});
  const Json data = fixture.check_md5(code.md5)["data"];
  EXPECT_EQ(data["createdDateMs"].number_text(), std::to_string(kStartMs - 3'600'000) + ".0");
  EXPECT_EQ(data["acknowledgedDateMs"].number_text(), data["createdDateMs"].number_text());
}

TEST(Faults, amounts_with_two_decimals) {
  BankFixture fixture;
  const auto dollars = fixture.khqr("1.5", "840", "A");
  const auto whole = fixture.khqr("2", "840", "B");
  const auto riel = fixture.khqr("4000", "116", "C");
  for (const auto* code : {&dollars, &whole, &riel}) {
    ASSERT_TRUE(fixture.bank().pay({code->text}));
  }
  const auto amount = [&](const qr::Khqr& code) {
    return fixture.check_md5(code.md5)["data"]["amount"].number_text();
  };
  EXPECT_EQ(amount(dollars), "1.5");
  EXPECT_EQ(amount(whole), "2");
  EXPECT_EQ(amount(riel), "4000");
  fixture.bank().set_faults({.amount_style = WireAmount::two_decimals});
  EXPECT_EQ(amount(dollars), "1.50");
  EXPECT_EQ(amount(whole), "2.00");
  EXPECT_EQ(amount(riel), "4000.00");
}

TEST(Faults, three_ways_to_wrap_a_list_item) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  const auto paid = fixture.bank().pay({code.text});
  ASSERT_TRUE(paid);
  const auto item = [&](ListWrapper wrapper) {
    fixture.bank().set_faults({.list_wrapper = wrapper});
    const Json reply =
        fixture.ask("/v1/check_transaction_by_md5_list", Json(Json::Array{code.md5}));
    return reply["data"].array().at(0);
  };
  EXPECT_EQ(item(ListWrapper::data)["data"]["hash"].string(), paid->hash);
  EXPECT_EQ(item(ListWrapper::transaction)["transaction"]["hash"].string(), paid->hash);
  const Json inline_item = item(ListWrapper::bare);
  EXPECT_EQ(inline_item["hash"].string(), paid->hash);
  EXPECT_EQ(inline_item["md5"].string(), code.md5);
  EXPECT_FALSE(inline_item.has("data"));
}

TEST(Faults, text_of_success_varies) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  ASSERT_TRUE(fixture.bank().pay({code.text}));
  const auto text = [&] { return fixture.check_md5(code.md5)["responseMessage"].text_or_empty(); };
  fixture.bank().set_faults({.success_text = SuccessText::documented});
  EXPECT_EQ(text(), "Getting transaction successfully.");
  fixture.bank().set_faults({.success_text = SuccessText::varying});
  std::map<std::string, int> seen;
  for (int i = 0; i < 40; ++i)
    ++seen[text()];
  EXPECT_EQ(seen.size(), 2u);
}

TEST(Faults, one_payment_goes_wrong_and_the_next_is_right_again_T0_8_N13) {
  BankFixture fixture;
  const auto code = fixture.khqr("5");
  fixture.bank().set_faults({.wrong_amount = true});
  const auto wrong = fixture.bank().pay({code.text});
  fixture.bank().set_faults({.other_currency = true});
  const auto riel = fixture.bank().pay({code.text});
  fixture.bank().set_faults({.other_receiver = true});
  const auto stolen = fixture.bank().pay({code.text});
  const auto right = fixture.bank().pay({code.text});
  ASSERT_TRUE(wrong && riel && stolen && right);
  EXPECT_EQ(wrong->amount, (Amount{499, Currency::usd}));
  EXPECT_EQ(riel->amount, (Amount{500, Currency::khr}));
  EXPECT_EQ(stolen->receiver, "somebody.else@otherbank");
  EXPECT_EQ(right->amount, (Amount{500, Currency::usd}));
  EXPECT_EQ(right->receiver, "quittance_shop@quitbank");
  EXPECT_EQ(fixture.bank().faults(), Faults{});
}

TEST(Faults, a_refused_payment_leaves_the_one_shot_knob_on) {
  BankFixture fixture;
  fixture.bank().set_faults({.wrong_amount = true});
  EXPECT_FALSE(fixture.bank().pay({fixture.khqr("").text}));
  EXPECT_TRUE(fixture.bank().faults().wrong_amount);
}

TEST(Faults, paid_now_and_shown_later_S1_21) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  fixture.bank().set_faults({.not_found_for_ms = 5'000});
  ASSERT_TRUE(fixture.bank().pay({code.text}));
  EXPECT_EQ(fixture.check_md5(code.md5)["errorCode"].integer(), 1);
  fixture.advance(4'999);
  EXPECT_EQ(fixture.check_md5(code.md5)["errorCode"].integer(), 1);
  fixture.advance(1);
  const Json data = fixture.check_md5(code.md5)["data"];
  EXPECT_EQ(data["createdDateMs"].integer(), kStartMs);
  EXPECT_EQ(data["acknowledgedDateMs"].integer(), kStartMs + 5'000);
}

TEST(Faults, expired_qr_is_paid_unless_the_bank_looks_S1_31) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  fixture.advance(600'001);
  fixture.bank().set_faults({.honour_expired = false});
  const auto refused = fixture.bank().pay({code.text});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::conflict);
  fixture.bank().set_faults({});
  EXPECT_TRUE(fixture.bank().pay({code.text}));
}

TEST(Faults, simulated_population_pays_what_becomes_known_C3) {
  BankFixture fixture;
  fixture.bank().set_faults({.population_speed = 3'600});
  constexpr int kCodes = 300;
  for (int i = 0; i < kCodes; ++i) {
    const auto code = fixture.khqr("1", "840", "B" + std::to_string(i));
    ASSERT_TRUE(fixture.bank().remember_qr(code.text));
    ASSERT_TRUE(fixture.bank().remember_qr(code.text));  // known: draws no second payer
  }
  const auto all = fixture.bank().transactions();
  EXPECT_NEAR(static_cast<int>(all.size()), kCodes * 95 / 100, 15);
  int within_the_hour = 0;
  for (const Transfer& transfer : all) {
    within_the_hour += (transfer.created_at - base::from_ms(kStartMs)).count() <= 1'000;
  }
  EXPECT_NEAR(within_the_hour, kCodes * 30 / 100, 30);
}

TEST(Faults, knobs_travel_as_json_and_are_checked) {
  const Faults odd{.latency_ms = 9,
                   .clock_skew_ms = -5,
                   .honour_expired = false,
                   .forbidden_html_scope = ForbiddenScope::md5_list,
                   .date_style = DateStyle::floating,
                   .list_wrapper = ListWrapper::bare,
                   .success_text = SuccessText::varying,
                   .amount_style = WireAmount::two_decimals};
  EXPECT_EQ(changed_faults(Faults{}, to_json(odd)), odd);
  const auto refused = [](std::string_view json) {
    const auto parsed = Json::parse(json);
    return parsed && !changed_faults(Faults{}, *parsed);
  };
  EXPECT_TRUE(refused(R"({"latency_ms":-1})"));
  EXPECT_TRUE(refused(R"({"error_rate_percent":101})"));
  EXPECT_TRUE(refused(R"({"error_rate_percent":"5"})"));
  EXPECT_TRUE(refused(R"({"unauthorized":1})"));
  EXPECT_TRUE(refused(R"({"list_wrapper":"box"})"));
  EXPECT_TRUE(refused(R"({"no_such_knob":1})"));
  EXPECT_TRUE(refused("[]"));
}

TEST(Faults, same_seed_same_bytes_other_seed_other_bytes) {
  const auto run = [](std::uint64_t seed) {
    BankFixture fixture(BankFixture::usual_options(), seed);
    fixture.bank().set_faults({.latency_jitter_ms = 900,
                               .error_rate_percent = 20,
                               .too_many_requests_percent = 20,
                               .garbage_percent = 20,
                               .success_text = SuccessText::varying});
    std::string bytes;
    for (int i = 0; i < 60; ++i) {
      const auto code = fixture.khqr("1", "840", "B" + std::to_string(i));
      EXPECT_TRUE(fixture.bank().pay({code.text}));
      const auto response = fixture.post(std::string(kMd5Path), R"({"md5":")" + code.md5 + "\"}");
      bytes += std::to_string(base::to_ms(fixture.clock().now())) +
               std::to_string(response.status) + response.body;
      for (const auto& [name, value] : response.headers.fields())
        bytes += name + value;
    }
    return bytes;
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

}  // namespace
}  // namespace quittance::sandbox
