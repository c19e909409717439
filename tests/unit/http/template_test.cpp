// Filling pages: what is shown is escaped, and sections appear only when they are named.
#include "http/template.hpp"

#include <gtest/gtest.h>

namespace quittance::http {
namespace {

TEST(EscapeHtml, LeavesNothingThatHtmlReads) {
  EXPECT_EQ(base::escape_html("<a href=\"x\" id='y'>&amp;</a>"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  EXPECT_EQ(base::escape_html("ក្រមា 文 😀"), "ក្រមា 文 😀");
  EXPECT_EQ(base::escape_html(""), "");
}

TEST(Template, SlotsAreEscapedUnlessTheyAreFragmentsOfOurs) {
  const Filling filling{.slots = {{"name", "<b>&"}, {"svg", "<svg/>"}}, .sections{}, .rows{}};
  EXPECT_EQ(fill_template("a {{name}} b {{{svg}}} c", filling), "a &lt;b&gt;&amp; b <svg/> c");
  EXPECT_EQ(fill_template("{{name}}{{name}}", filling), "&lt;b&gt;&amp;&lt;b&gt;&amp;");
  EXPECT_EQ(fill_template("[{{unknown}}]", filling), "[]");
  EXPECT_EQ(fill_template("no slots", filling), "no slots");
  EXPECT_EQ(fill_template("", filling), "");
}

TEST(Template, AValueIsNeverReadAsATemplate) {
  const Filling filling{.slots = {{"a", "{{b}}<!--if:x-->"}, {"b", "secret"}, {"f", "{{b}}"}},
                        .sections = {"x"},
                        .rows{}};
  EXPECT_EQ(fill_template("{{a}}", filling), "{{b}}&lt;!--if:x--&gt;");
  EXPECT_EQ(fill_template("{{{f}}}", filling), "{{b}}");
}

TEST(Template, ASlotThatIsNotClosedStaysAsItIs) {
  const Filling filling{.slots = {{"a", "x"}}, .sections{}, .rows{}};
  EXPECT_EQ(fill_template("{{a}} {{a", filling), "x {{a");
  EXPECT_EQ(fill_template("{{{a}}", filling), "{{{a}}");
}

TEST(Template, SectionsStayOnlyIfNamed) {
  const std::string html = "1<!--if:paid-->2<!--end:paid-->3<!--if:open-->4<!--end:open-->5";
  EXPECT_EQ(fill_template(html, {.slots{}, .sections = {"paid"}, .rows{}}), "1235");
  EXPECT_EQ(fill_template(html, {.slots{}, .sections = {"open"}, .rows{}}), "1345");
  EXPECT_EQ(fill_template(html, {}), "135");
}

TEST(Template, SectionsMayBeNested) {
  const std::string html =
      "<!--if:a-->A<!--if:b-->B{{x}}<!--end:b-->C<!--each:r-->[{{x}}]<!--end:r--><!--end:a-->";
  Filling filling{.slots = {{"x", "1"}}, .sections = {"a", "b"}, .rows{}};
  EXPECT_EQ(fill_template(html, filling), "AB1C");
  filling.rows["r"] = {{{"x", "2"}}, {}};
  EXPECT_EQ(fill_template(html, filling), "AB1C[2][1]") << "a row's own value comes first";
  filling.sections = {"b"};
  EXPECT_EQ(fill_template(html, filling), "");
}

TEST(Template, RowsAreRepeatedAndEscaped) {
  const Filling filling{.slots = {{"shop", "S"}},
                        .sections{},
                        .rows = {{"items", {{{"name", "<1>"}}, {{"name", "2"}}}}, {"none", {}}}};
  EXPECT_EQ(fill_template("<!--each:items-->{{shop}}:{{name}};<!--end:items-->", filling),
            "S:&lt;1&gt;;S:2;");
  EXPECT_EQ(fill_template("(<!--each:none-->x<!--end:none-->)", filling), "()");
  EXPECT_EQ(fill_template("(<!--each:missing-->x<!--end:missing-->)", filling), "()");
}

TEST(Template, ASectionInsideOfARowStaysIfTheRowHasATextOfItsName) {
  const std::string html =
      "<!--each:r-->(<!--if:note-->{{note}}<!--if:more-->+<!--end:more--><!--end:note-->)"
      "<!--end:r--><!--if:note-->outside<!--end:note-->";
  Filling filling{.slots = {{"note", "of the page"}},
                  .sections{},
                  .rows = {{"r", {{{"note", "<a>"}}, {{"note", ""}, {"more", "1"}}, {}}}}};
  EXPECT_EQ(fill_template(html, filling), "(&lt;a&gt;)()()") << "a slot of the page names nothing";
  filling.rows["r"] = {{{"note", "b"}, {"more", "1"}}};
  EXPECT_EQ(fill_template(html, filling), "(b+)");
  filling.sections = {"note"};
  filling.rows["r"] = {{}};
  EXPECT_EQ(fill_template(html, filling), "(of the page)outside");
}

TEST(Template, AnUnclosedSectionIsLeftOutToItsEnd) {
  const Filling filling{.slots{}, .sections = {"a"}, .rows{}};
  EXPECT_EQ(fill_template("1<!--if:a-->2", filling), "1");
  EXPECT_EQ(fill_template("1<!--if:a", filling), "1");
  EXPECT_EQ(fill_template("1<!--if:a-->2<!--end:b-->3", filling), "1");
}

}  // namespace
}  // namespace quittance::http
