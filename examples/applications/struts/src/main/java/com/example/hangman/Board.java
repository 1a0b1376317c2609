package com.example.hangman;

import java.util.Map;
import org.apache.struts2.ActionSupport;
import org.apache.struts2.action.SessionAware;

/** Shows the game of the session. */
public class Board extends ActionSupport implements SessionAware {
    private static final long serialVersionUID = 1L;

    private transient Game game;

    @Override
    public void withSession(Map<String, Object> session) {
        game = (Game) session.computeIfAbsent("game", name -> new Game());
    }

    /** The game that is played. */
    protected Game game() {
        return game;
    }

    /** For the page. */
    public String getWord() {
        return game.known();
    }

    /** For the page. */
    public String getWrong() {
        return game.wrong();
    }
}
