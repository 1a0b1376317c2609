package com.example.shop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the shop. */
@SpringBootApplication
public class ShopApplication {
    /** @param args settings, as in {@code --server.port=8081} */
    public static void main(String[] args) {
        SpringApplication.run(ShopApplication.class, args);
    }
}
