package com.example.shop;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The form. pac4j sends here who has to log in, and once more if it was in vain. */
@WebServlet("/login")
public class Login extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean failed = request.getParameter("error") != null;
        response.setContentType("text/html;charset=UTF-8");
        response.getWriter().write("""
                <!DOCTYPE html>
                <title>Login</title>
                <p id="said">%s</p>
                <form method="post" action="callback">
                  <input name="username"> <input name="password" type="password"> <button>Log in</button>
                </form>
                """.formatted(failed ? "Who are you?" : "Please log in."));
    }
}
