package com.example.shop;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The form. Shiro's filter logs in who fills it in, and sends him back here if it was in vain. */
@WebServlet("/login")
public class Login extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean failed = request.getAttribute("shiroLoginFailure") != null;
        response.setContentType("text/html;charset=UTF-8");
        response.getWriter().write("""
                <!DOCTYPE html>
                <title>Login</title>
                <p id="said">%s</p>
                <form method="post" action="login">
                  <input name="username"> <input name="password" type="password"> <button>Log in</button>
                </form>
                """.formatted(failed ? "Who are you?" : "Please log in."));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        doGet(request, response);
    }
}
