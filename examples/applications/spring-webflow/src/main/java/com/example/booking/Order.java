package com.example.booking;

import java.io.Serializable;

/** What is ordered, filled in step by step. The flow keeps it in the session and is never told that it has changed. */
public class Order implements Serializable {
    private static final long serialVersionUID = 1L;

    private String article = "";
    private String address = "";

    /** What it is. */
    public String getArticle() {
        return article;
    }

    /** Fills in the first page. */
    public void setArticle(String article) {
        this.article = article;
    }

    /** Where it goes. */
    public String getAddress() {
        return address;
    }

    /** Fills in the second page. */
    public void setAddress(String address) {
        this.address = address;
    }
}
