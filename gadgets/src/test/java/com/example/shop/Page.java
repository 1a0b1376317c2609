package com.example.shop;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.util.Base64;

/** Shows what is in the session and whether the alarm has rung, which it then no longer has. */
@SuppressWarnings("serial")
public final class Page extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        if (request.getParameter("begin") != null) {
            session.setAttribute("first", "tea");
            session.setAttribute("second", "cups");
            session.setAttribute("third", "milk");
        }
        response.getWriter()
                .print(session.getAttribute("first") + ", " + session.getAttribute("second") + ", "
                        + session.getAttribute("third") + "; " + rung());
    }

    /** Reads an object, as no application should. */
    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        byte[] bytes = Base64.getUrlDecoder().decode(request.getParameter("object"));
        String thrown = "";
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            in.readObject();
        } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError e) {
            thrown = ", " + e;
        }
        response.getWriter().print(rung() + thrown);
    }

    private static String rung() {
        String rung = System.getProperty(Alarm.RUNG);
        System.clearProperty(Alarm.RUNG);
        return rung == null ? "silence" : "alarm";
    }
}
