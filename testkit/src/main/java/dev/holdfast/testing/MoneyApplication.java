package dev.holdfast.testing;

import java.nio.file.Path;
import java.util.Map;

/** An application with a {@link LibraryServlet} at {@code /library} and a JAR in its WEB-INF/lib. */
final class MoneyApplication {
    static final String MONEY = "com.example.money.Money";
    static final String CURRENCY = "com.example.money.Currency";
    static final String PURSE = "com.example.money.Purse";
    static final String WALLET = "com.example.money.Wallet";
    static final String CHART = "com.example.money.Chart";
    static final String LEDGER = "com.example.money.Ledger";

    /** What {@code holdfast.classes=report} says of a wallet. */
    static final String PURSE_IN_WALLET = "value.content[1] → " + PURSE
            + ", which is neither java.io.Serializable nor a record. Implement java.io.Serializable or keep it"
            + " out of the session.";

    private MoneyApplication() {}

    /**
     * Makes one that takes part, exploded.
     *
     * @param settings of Holdfast, as its web.xml has them
     */
    static Path create(Map<String, String> settings) {
        StringBuilder params = new StringBuilder();
        settings.forEach((setting, value) -> params.append("<context-param><param-name>")
                .append(setting)
                .append("</param-name><param-value>")
                .append(value)
                .append("</param-value></context-param>\n"));
        return ExplodedApplication.create("class-report")
                .webXml(params + """
                                <distributable/>
                                <servlet><servlet-name>library</servlet-name><servlet-class>%s</servlet-class></servlet>
                                <servlet-mapping>
                                  <servlet-name>library</servlet-name><url-pattern>/library</url-pattern>
                                </servlet-mapping>
                                """.formatted(LibraryServlet.class.getName()))
                .classes(LibraryServlet.class)
                .library(
                        "money-1.0.jar",
                        Map.of(MONEY, """
                                package com.example.money;
                                public class Money implements java.io.Serializable {
                                    Currency currency = new Currency();
                                    public String toString() { return "5 " + currency; }
                                }
                                """, CURRENCY, """
                                package com.example.money;
                                public class Currency implements java.io.Serializable {
                                    String code = "EUR";
                                    public String toString() { return code; }
                                }
                                """, PURSE, """
                                package com.example.money;
                                public class Purse {
                                }
                                """, WALLET, """
                                package com.example.money;
                                public class Wallet implements java.io.Serializable {
                                    Object[] content = {new Money(), new Purse()};
                                    public String toString() { return "wallet"; }
                                }
                                """, CHART, """
                                package com.example.money;
                                public class Chart implements java.io.Serializable {
                                    Object at = new java.awt.Point();
                                    Object size = new java.awt.Dimension();
                                    public String toString() { return "chart"; }
                                }
                                """, LEDGER, """
                                package com.example.money;
                                public class Ledger implements java.io.Serializable {
                                    String owner = "ada";
                                    private void readObject(java.io.ObjectInputStream in) throws Exception {
                                        in.defaultReadObject();
                                        owner = null;
                                    }
                                    public String toString() { return "ledger of " + owner; }
                                }
                                """))
                .path();
    }
}
