package dev.holdfast.examples.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;

/** Makes {@link LastAnswers} and takes sessions out of it that are gone. */
public final class LastAnswersListener implements ServletContextListener, HttpSessionListener, HttpSessionIdListener {

    private final LastAnswers answers = new LastAnswers();

    @Override
    public void contextInitialized(ServletContextEvent event) {
        answers.publish(event.getServletContext());
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        answers.ended(event.getSession().getId());
    }

    @Override
    public void sessionIdChanged(HttpSessionEvent event, String oldId) {
        answers.ended(oldId);
    }
}
