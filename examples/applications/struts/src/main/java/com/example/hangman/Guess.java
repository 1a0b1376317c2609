package com.example.hangman;

import org.apache.struts2.interceptor.parameter.StrutsParameter;

/** Takes a letter, and leaves what it has to say to the page behind the redirect. */
public class Guess extends Board {
    private static final long serialVersionUID = 1L;

    private String letter = "";

    /** From the form. */
    @StrutsParameter
    public void setLetter(String letter) {
        this.letter = letter;
    }

    @Override
    public String execute() {
        addActionMessage(letter + (game().guess(letter) ? " is right." : " is wrong."));
        return SUCCESS;
    }
}
